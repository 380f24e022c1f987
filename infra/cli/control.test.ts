import { mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { InstanceCounts } from '../stack/service-fleet.ts';
import { UserError } from '../stack/user-error.ts';
import { askControl, type Control, controlFile, serveControl } from './control.ts';

type Scale = (wanted: InstanceCounts, report?: (text: string) => void) => Promise<void>;

const request = { scale: { parser: 3 } };
const { signal } = new AbortController();
let control: Control | undefined;

afterEach(() => control?.close());

async function served(scale: Scale): Promise<string> {
  const dataDir = mkdtempSync(join(tmpdir(), 'millrace-control-'));
  control = await serveControl({ dataDir, scale });
  return dataDir;
}

test('a request is carried out, and what goes on is told meanwhile', async () => {
  const done: InstanceCounts[] = [];
  const dataDir = await served(async (wanted, report) => {
    report?.('starting parser-2');
    done.push(wanted);
  });
  const told: string[] = [];
  await askControl(dataDir, request, (text) => told.push(text), signal);
  expect({ done, told }).toEqual({ done: [{ parser: 3 }], told: ['starting parser-2'] });
});

test('what cannot be is said with its sentence and exit code', async () => {
  const dataDir = await served(() => Promise.reject(new UserError('It stays at one.', { exitCode: 2 })));
  const asked = askControl(dataDir, request, () => {}, signal);
  await expect(asked).rejects.toMatchObject({ message: 'It stays at one.', exitCode: 2 });
});

test('only the owner may open the socket', async () => {
  const dataDir = await served(() => Promise.resolve());
  expect(statSync(join(dataDir, controlFile)).mode & 0o777).toBe(0o600);
});

test('a socket that a killed supervisor has left is taken over', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'millrace-control-'));
  writeFileSync(join(dataDir, controlFile), '');
  control = await serveControl({ dataDir, scale: () => Promise.resolve() });
  await askControl(dataDir, request, () => {}, signal);
});

test.each([
  ['no stack ever was', () => {}],
  ['a supervisor was killed', (dataDir: string) => writeFileSync(join(dataDir, controlFile), '')],
])('where %s, up is named', async (_when, prepare) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'millrace-control-'));
  prepare(dataDir);
  await expect(askControl(dataDir, request, () => {}, signal)).rejects.toThrow(
    `No stack is up in ${dataDir}; start one with ./millrace up.`,
  );
});

test('a folder whose path is too long for a socket is named, and the stack runs without', async () => {
  const dataDir = join(tmpdir(), 'x'.repeat(120));
  control = await serveControl({ dataDir, scale: () => Promise.resolve() });
  await expect(askControl(dataDir, request, () => {}, signal)).rejects.toThrow('too long for a socket');
});
