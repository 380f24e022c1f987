/**
 * The folder of a stack is where its configuration begins: it is applied when it is new, and again when somebody changed it while
 * nothing ran. What was changed through the api stays, as long as the folder stays as it is.
 */
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from '../stack/atomic-file.ts';
import { type Stack } from '../stack/stack.ts';
import { apiOf, applyConfiguration } from './apply-configuration.ts';

/** Connections belong to the client manager, which reads them in the folder. */
const leftOut = new Set(['connections.json']);

export async function applyChangedFolder(stack: Stack, folder: string, signal: AbortSignal): Promise<void> {
  const file = join(stack.dataDir, 'applied.sha256');
  const print = fingerprintOf(folder);
  if (existsSync(file) && readFileSync(file, 'utf8').trim() === print) return;
  await applyConfiguration(apiOf(stack), folder, { prune: false, signal });
  writeAtomically(file, `${print}\n`);
}

function fingerprintOf(folder: string): string {
  const hash = createHash('sha256');
  const names = globSync(['*.json', 'scripts/*'], { cwd: folder }).filter((name) => !leftOut.has(name));
  for (const name of names.toSorted())
    hash
      .update(`${name}\0`)
      .update(readFileSync(join(folder, name)))
      .update('\0');
  return hash.digest('hex');
}
