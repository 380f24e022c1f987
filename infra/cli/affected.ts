/** What a change reaches, by Nx's graph: the projects with changed files, and all that depend on them. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CommandFailed, runCommand } from '../stack/run-command.ts';
import { root } from '../stack/service-launch.ts';
import { UserError } from '../stack/user-error.ts';
import { binary } from './workspace.ts';

/** What is compared with where nothing else is named: in a clone of another branch, main is only the remote's. */
const usualBases = ['main', 'origin/main'];

export interface Affected {
  /** The commit that was compared with, as it was named. */
  readonly base: string;
  /** Of the projects with tests, below the root: `libs/alarms`. */
  readonly folders: readonly string[];
}

/**
 * Compares the working tree, with what is not committed yet, with the last commit that it shares with `base`. Throws a
 * UserError when there is no such commit.
 */
export async function affectedProjects(
  given: string | undefined,
  { folder = root, signal }: { readonly folder?: string; readonly signal?: AbortSignal } = {},
): Promise<Affected> {
  const base = await firstCommit(given === undefined ? usualBases : [given], folder, signal);
  const environment = { ...process.env, NX_DAEMON: 'false', NX_NO_CLOUD: 'true' };
  const parameters = ['show', 'projects', '--affected', `--base=${base}`, '--with-target=test', '--json'];
  const names = JSON.parse(await runCommand(binary('nx'), parameters, { folder, environment, signal })) as string[];
  const folders = projectFolders(folder);
  return { base, folders: names.map((name) => folders.get(name) ?? '').toSorted() };
}

async function firstCommit(names: readonly string[], folder: string, signal?: AbortSignal): Promise<string> {
  for (const name of names)
    try {
      await runCommand('git', ['rev-parse', '--verify', '--quiet', `${name}^{commit}`], { folder, signal });
      return name;
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
    }
  throw new UserError(`There is no commit ${names.join(' or ')} to compare with; name one with --base.`, {
    exitCode: 2,
  });
}

/** By name; Nx takes packages and `project.json` files. */
function projectFolders(folder: string): Map<string, string> {
  const files = globSync(['{libs,services}/*/package.json', '{*,infra/*}/project.json'], { cwd: folder });
  return new Map(
    files.map((file) => {
      const { name } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { name: string };
      return [name, dirname(file)];
    }),
  );
}
