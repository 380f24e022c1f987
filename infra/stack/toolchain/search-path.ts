/** Finds programs as a shell does, and where Debian hides daemons from ordinary users. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const daemonFolders = ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/sbin'];

/** Absolute path of an executable, or undefined. */
export function findProgram(name: string, path: string = process.env['PATH'] ?? ''): string | undefined {
  return [...path.split(delimiter).filter(Boolean), ...daemonFolders]
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
