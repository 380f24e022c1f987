/** A configuration folder of a test's own, gone after it. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type MillraceError } from '@millrace/contracts';
import { afterEach, beforeEach, expect } from 'vitest';
import { readConfigurationFolder } from '../read-folder.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-config-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

export const testFolder = (): string => folder;

export const tenants = [{ tenant: 'acme', name: 'Acme' }];
export const products = [{ tenant: 'acme', productId: 'pump', name: 'Pump' }];

/** Writes the files and reads the folder; text is written as it is, everything else as JSON. */
export async function read(files: Readonly<Record<string, unknown>>): ReturnType<typeof readConfigurationFolder> {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  }
  return readConfigurationFolder(folder);
}

/** The errors of a folder that is refused, as `field code`. */
export async function errorsOf(files: Readonly<Record<string, unknown>>): Promise<readonly string[]> {
  const error: MillraceError = await read(files).then(
    () => expect.unreachable('the folder was taken'),
    (thrown) => thrown as MillraceError,
  );
  expect(error.code).toBe('configuration_invalid');
  return error.errors.map(({ field, code }) => `${field} ${code}`);
}
