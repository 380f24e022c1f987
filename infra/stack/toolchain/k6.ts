/** Grafana k6, built from the Go module in `load-tests/k6`, whose go.mod and go.sum pin every line of it. */
import { cpSync, readFileSync, rmSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { runCommand } from '../run-command.ts';
import { type Cache } from './cache.ts';
import { findOrFetchGo } from './go.ts';

const moduleFolder = join(import.meta.dirname, '..', '..', '..', 'load-tests', 'k6');

/** Path of the executable. */
export async function fetchedK6(cache: Cache, systemTools: boolean, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for (const name of ['go.mod', 'go.sum', 'main.go']) hash.update(readFileSync(join(moduleFolder, name)));
  const version = hash.digest('hex').slice(0, 12);
  const make = (staging: string): Promise<void> => build(staging, systemTools, signal);
  const what = 'k6, which is built from source (2 minutes, 47 MB)';
  return join(await cache.installed(`k6-${version}`, what, make, signal), 'k6');
}

/** Sources and Go's own caches are needed for this one build only, and a gigabyte. */
async function build(staging: string, systemTools: boolean, signal?: AbortSignal): Promise<void> {
  const scratch = join(staging, 'scratch');
  const sources = join(scratch, 'sources');
  cpSync(moduleFolder, sources, { recursive: true });
  const environment = {
    ...process.env,
    CGO_ENABLED: '0',
    GOTOOLCHAIN: 'local',
    GOFLAGS: '-mod=readonly -modcacherw -trimpath -buildvcs=false',
    GOMODCACHE: join(scratch, 'modules'),
    GOCACHE: join(scratch, 'built'),
  };
  const go = await findOrFetchGo(join(scratch, 'go'), systemTools, signal);
  const parameters = ['build', '-ldflags=-s -w', '-o', join(staging, 'k6'), '.'];
  await runCommand(go, parameters, { folder: sources, environment, signal });
  rmSync(scratch, { recursive: true, force: true });
}
