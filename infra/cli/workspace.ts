/** The clone's own preparations: dependencies of this lock file, and the build. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lock } from '../stack/file-lock.ts';
import { CommandFailed, runCommand } from '../stack/run-command.ts';
import { root } from '../stack/service-launch.ts';
import { UserError } from '../stack/user-error.ts';
import { type Terminal } from './terminal.ts';

/** Folder of everything that a run makes in the clone; git ignores it. */
export const workFolder = join(root, '.millrace');

export const binary = (name: string): string => join(root, 'node_modules', '.bin', name);

interface LockEntry {
  readonly version?: string;
  readonly link?: boolean;
  readonly optional?: boolean;
}

type LockedPackages = Readonly<Record<string, LockEntry>>;

/** Installs what is missing and builds what changed. */
export async function prepareWorkspace(terminal: Terminal, signal: AbortSignal): Promise<void> {
  await alone(terminal, signal, async () => {
    await installDependencies(terminal, signal);
    await terminal.step('Building', () => tool(binary('tsc'), ['-b', 'tsconfig.build.json'], signal));
  });
}

/** Installs what is missing: enough for what reads the sources alone. */
export async function installPackages(terminal: Terminal, signal: AbortSignal): Promise<void> {
  await alone(terminal, signal, () => installDependencies(terminal, signal));
}

/** Two at once wait for each other. */
async function alone(terminal: Terminal, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  const wait = (): void => terminal.note('Waiting for another millrace that prepares this clone ...');
  const held = await lock(join(workFolder, 'workspace.lock'), wait, signal);
  try {
    await work();
  } finally {
    held.release();
  }
}

async function installDependencies(terminal: Terminal, signal: AbortSignal): Promise<void> {
  const wanted = packagesOf(join(root, 'package-lock.json'));
  const installed = packagesOf(join(root, 'node_modules', '.package-lock.json'));
  if (wanted && installed && isInstalled(wanted, installed)) return;
  await terminal.step('Installing packages', () => tool('npm', ['ci', '--no-audit', '--no-fund'], signal));
}

/** Every package of the lock file is there in its version; optional ones of other platforms may be missing. */
export function isInstalled(wanted: LockedPackages, installed: LockedPackages): boolean {
  return Object.entries(wanted).every(([path, { version, link, optional }]) => {
    if (!path.startsWith('node_modules/') || link) return true;
    const there = installed[path];
    return there ? there.version === version : optional === true;
  });
}

function packagesOf(file: string): LockedPackages | undefined {
  if (!existsSync(file)) return undefined;
  return (JSON.parse(readFileSync(file, 'utf8')) as { packages: LockedPackages }).packages;
}

async function tool(command: string, parameters: readonly string[], signal: AbortSignal): Promise<void> {
  try {
    await runCommand(command, parameters, { folder: root, signal });
  } catch (error) {
    if (error instanceof CommandFailed) throw new UserError(error.message, { cause: error });
    throw error;
  }
}
