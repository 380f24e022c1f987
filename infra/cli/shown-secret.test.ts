import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { keptSecret, secretPlace } from './shown-secret.ts';
import { Terminal } from './terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-secrets-'));
afterAll(() => rmSync(folder, { recursive: true }));

let written: string[];
let terminal: Terminal;

beforeEach(() => {
  written = [];
  terminal = Object.assign(new Terminal({ colours: false, animated: false }), {
    line: (text: string) => void written.push(`output: ${text}`),
    note: (text: string) => void written.push(`beside: ${text}`),
  });
});

test('without a place nothing is made', async () => {
  const make = (): Promise<never> => expect.unreachable('It was made.');
  await expect(keptSecret(undefined, make, () => {})).rejects.toThrow('--out FILE, or --out - for the output');
});

test('a file is new, and for its owner alone', () => {
  const file = join(folder, 'key');
  secretPlace(file).keep('The key', 'k1.secret', terminal);
  expect([readFileSync(file, 'utf8'), statSync(file).mode & 0o777]).toEqual(['k1.secret\n', 0o600]);
  expect(written).toEqual([`beside: The key is in ${file}.`]);
});

test('a file that is there is left alone', () => {
  const file = join(folder, 'there');
  writeFileSync(file, 'mine');
  expect(() => secretPlace(file)).toThrow(`${file} is there already; name another file.`);
  expect(readFileSync(file, 'utf8')).toBe('mine');
});

test('when nothing could be made, no empty file stays', async () => {
  const file = join(folder, 'none');
  const make = (): Promise<never> => Promise.reject(new Error('refused'));
  await expect(keptSecret(file, make, () => {})).rejects.toThrow('refused');
  expect(existsSync(file)).toBe(false);
});

test('the output gets the secret alone, with one end of line', () => {
  secretPlace('-').keep('The certificate', 'PEM\n', terminal);
  expect(written).toEqual(['output: PEM']);
});
