/**
 * A headless Chromium for the tests of pages, out of the npm package @sparticuz/chromium: one pinned version, unpacked into the
 * cache, where no browser need be installed. The package carries the libraries that a slim system lacks.
 */
import { createReadStream, createWriteStream, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { arch } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import { runCommand } from '../run-command.ts';
import { UserError } from '../user-error.ts';
import { type Cache } from './cache.ts';
import { installFromNpm } from './npm.ts';
import { findProgram } from './search-path.ts';

const packageName = '@sparticuz/chromium';
const version = '153.0.0';

const programName = 'chromium';
/** Tried where there is no package for the machine. */
const systemNames = ['chromium', 'chromium-browser', 'google-chrome'];

/** Path of an executable that takes Chromium's own parameters. */
export async function findOrFetchChromium(cache: Cache, signal?: AbortSignal): Promise<string> {
  if (arch() !== 'x64') return systemChromium();
  const make = (staging: string): Promise<void> => fetchChromium(staging, signal);
  return join(await cache.installed(`chromium-${version}`, 'Chromium (67 MB)', make, signal), programName);
}

function systemChromium(): string {
  for (const name of systemNames) {
    const found = findProgram(name);
    if (found) return found;
  }
  throw new UserError('Chromium was not found; install it and run the command again.');
}

async function fetchChromium(folder: string, signal?: AbortSignal): Promise<void> {
  const packed = join(await installFromNpm(folder, packageName, version, signal), 'bin');
  await unpack(join(packed, 'chromium.br'), join(folder, 'browser'), 0o755);
  for (const [name, target] of Object.entries({ 'al2023.tar.br': 'libraries', 'swiftshader.tar.br': '.' }))
    await unpackArchive(join(packed, name), join(folder, target), signal);
  rmSync(join(folder, 'node_modules'), { recursive: true });
  writeFileSync(join(folder, programName), starter, { mode: 0o755 });
}

/** The system's own libraries come first: those of the package are for what is missing. */
const starter = `#!/bin/sh
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
if ldd "$here/browser" | grep -q 'not found'; then
  export LD_LIBRARY_PATH="$LD_LIBRARY_PATH:$here/libraries/lib"
fi
exec "$here/browser" "$@"
`;

async function unpackArchive(file: string, folder: string, signal?: AbortSignal): Promise<void> {
  if (!existsSync(file)) return;
  mkdirSync(folder, { recursive: true });
  const archive = join(folder, 'archive.tar');
  await unpack(file, archive, 0o644);
  await runCommand('tar', ['-xf', archive, '-C', folder, '--no-same-owner'], { signal });
  rmSync(archive);
}

async function unpack(from: string, to: string, mode: number): Promise<void> {
  await pipeline(createReadStream(from), createBrotliDecompress(), createWriteStream(to, { mode }));
}
