/** The folder of data and logs: which one a command means, and how it is emptied. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { componentNames } from '../stack/components/index.ts';
import { holderOf } from '../stack/file-lock.ts';
import { stopLeftovers } from '../stack/leftovers.ts';
import { readState } from '../stack/state-file.ts';
import { UserError } from '../stack/user-error.ts';
import { controlFile } from './control.ts';
import { demoFiles } from './demo-config.ts';
import { workFolder } from './workspace.ts';

/** As given, from where the person stands; else `.millrace` of the clone. */
export function dataFolder(given: string | undefined): string {
  return given === undefined ? workFolder : resolve(given);
}

/** What a stack makes there. Anything else in the folder is not ours to remove. */
const ownEntries = [
  ...componentNames,
  ...demoFiles,
  controlFile,
  'config',
  'logs',
  'ports.json',
  'secret.key',
  'state.json',
];

/** Removes all data of earlier runs; refuses a folder that never held any, and one that is in use. */
export async function emptyDataFolder(dataDir: string): Promise<void> {
  if (!existsSync(dataDir) || readdirSync(dataDir).length === 0) return;
  if (holderOf(lockFileIn(dataDir)))
    throw new UserError(`A stack runs in ${dataDir}; end it with ./millrace down before --fresh removes its data.`);
  const state = readState(dataDir);
  if (!state && dataDir !== workFolder)
    throw new UserError(
      `${dataDir} holds no data of millrace; --fresh removes nothing there, choose another --data-dir.`,
    );
  if (state) await stopLeftovers(state);
  for (const name of ownEntries) rmSync(join(dataDir, name), { recursive: true, force: true });
}

export const lockFileIn = (dataDir: string): string => join(dataDir, 'stack.lock');
