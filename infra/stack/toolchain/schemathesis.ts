/** Schemathesis, which makes requests out of an OpenAPI document; `schemathesis.txt` pins it and all that it needs. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Cache } from './cache.ts';
import { installFromPyPi } from './pypi.ts';

/** Beside its packages, wherever these were moved to. */
const launcher = `#!/bin/sh
export PYTHONPATH="$(dirname "$0")"
exec python3 "$PYTHONPATH/bin/schemathesis" "$@"
`;

/** Path of the executable. */
export async function fetchedSchemathesis(cache: Cache, signal?: AbortSignal): Promise<string> {
  const pins = readFileSync(join(import.meta.dirname, 'schemathesis.txt'), 'utf8');
  const wanted = pins.trim().split('\n');
  const make = async (staging: string): Promise<void> => {
    const remedy = 'install Python 3.10 or newer with pip so that it can be fetched';
    await installFromPyPi(staging, { wanted, what: 'Python 3', remedy }, signal);
    writeFileSync(join(staging, 'run'), launcher, { mode: 0o755 });
  };
  const version = createHash('sha256')
    .update(pins + launcher)
    .digest('hex')
    .slice(0, 12);
  return join(await cache.installed(`schemathesis-${version}`, 'Schemathesis (20 MB)', make, signal), 'run');
}
