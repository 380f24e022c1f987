/** Files that are whole or absent: written beside their place and renamed into it. */
import { renameSync, rmSync, writeFileSync } from 'node:fs';

/** Replaces the file in one step; readers see the old or the new text. `mode` is that of the new file. */
export function writeAtomically(path: string, text: string, mode = 0o600): void {
  const beside = `${path}.${process.pid}.new`;
  try {
    writeFileSync(beside, text, { mode });
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}
