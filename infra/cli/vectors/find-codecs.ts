/** Finds codecs with vectors in a folder and those below it, whatever the layout. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../stack/user-error.ts';
import { chirpstackCodecs } from './chirpstack.layout.ts';
import { lorawanDevicesCodecs } from './lorawan-devices.layout.ts';
import { ownCodecs } from './own.layout.ts';
import type { LiteralReader, TestedCodec, VectorLayout } from './vector.ts';

const layouts: readonly VectorLayout[] = [ownCodecs, chirpstackCodecs, lorawanDevicesCodecs];

/** In order of their paths; a codec that several files speak of comes once for each. Rejects with a UserError. */
export async function findCodecs(
  path: string,
  read: LiteralReader,
  signal: AbortSignal,
): Promise<readonly TestedCodec[]> {
  signal.throwIfAborted();
  const { files, folders } = listed(path);
  const found: TestedCodec[] = [];
  for (const layout of layouts) found.push(...(await layout({ path, files }, read)));
  for (const folder of folders) found.push(...(await findCodecs(join(path, folder), read, signal)));
  return found;
}

function listed(path: string): { readonly files: readonly string[]; readonly folders: readonly string[] } {
  try {
    const entries = readdirSync(path, { withFileTypes: true }).filter(({ name }) => !/^\.|^node_modules$/.test(name));
    const names = (kind: 'isFile' | 'isDirectory'): readonly string[] =>
      entries
        .filter((entry) => entry[kind]())
        .map(({ name }) => name)
        .toSorted();
    return { files: names('isFile'), folders: names('isDirectory') };
  } catch (error) {
    throw new UserError(`${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}
