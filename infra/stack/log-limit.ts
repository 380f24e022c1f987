/** Keeps logs from filling the disk. The process goes on writing: it appends, so a file that was cut begins anew. */
import { copyFileSync, statSync, truncateSync } from 'node:fs';

/** Days of a noisy service; twice this is kept with the older part, `<log>.1`. */
export const logBytesMax = 64 * 1024 * 1024;
export const logCheckMs = 30_000;

export function limitLog(path: string, bytesMax: number = logBytesMax): void {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) <= bytesMax) return;
  copyFileSync(path, `${path}.1`);
  truncateSync(path);
}
