/** Refuses to start where the disk would soon be full: databases take that worse than anything. */
import { existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { UserError } from '../stack/user-error.ts';

/** Kafka's and QuestDB's first segments and the downloads, with some air. */
export const freeBytesMin = 1024 ** 3;

/** Throws a UserError of one sentence when there is too little room at one of the folders, which need not exist yet. */
export function requireDiskSpace(
  folders: readonly string[],
  freeBytes: (folder: string) => number = freeBytesAt,
): void {
  for (const folder of folders) {
    const free = freeBytes(folder);
    if (free < freeBytesMin)
      throw new UserError(
        `Only ${(free / 1024 ** 3).toFixed(2)} GiB are free at ${folder}; 1 GiB is needed, make room or choose another folder.`,
      );
  }
}

function freeBytesAt(folder: string): number {
  let existing = folder;
  while (!existsSync(existing)) existing = dirname(existing);
  const { bavail, bsize } = statfsSync(existing);
  return bavail * bsize;
}
