/** The commands about connections and the instances that have them, against a real api. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiUnderTest } from '../../services/api/src/testing/api-under-test.ts';
import { type Outcome, runMillrace } from './testing/run-millrace.ts';

const api = new ApiUnderTest(['read', 'write']);
const folder = mkdtempSync(join(tmpdir(), 'millrace-connections-'));
beforeAll(() => api.start(), 60_000);
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await api.close();
}, 30_000);

const run = (key: string, words: readonly string[]): Promise<Outcome> =>
  runMillrace(words, { folder, variables: { MILLRACE_API_URL: api.url, MILLRACE_API_KEY: key }, input: '' });
const millrace = (...words: readonly string[]): Promise<Outcome> => run(api.key, words);
const asPlatform = (...words: readonly string[]): Promise<Outcome> => run(api.adminKey, words);

test('connections are created from a file, listed, shown, moved and deleted', async () => {
  const file = join(folder, 'plant.json');
  writeFileSync(file, JSON.stringify({ connectionId: 'plant', kind: 'mqtt', url: 'mqtt://broker.example' }));
  expect((await millrace('connections', 'create', file)).stdout).toMatch(/^connectionId +plant$/m);
  expect((await millrace('connections', 'list')).stdout).toMatch(/^connectionId +kind .+\nplant +mqtt +mqtt:.+\n$/);
  const shown = JSON.parse((await millrace('connections', 'get', 'plant', '--json')).stdout) as object;
  expect(shown).toMatchObject({ connectionId: 'plant', url: 'mqtt://broker.example' });
  expect((await millrace('connections', 'move', 'plant', 'manager-2')).stdout).toBe('plant moves to manager-2.\n');
  expect((await millrace('connections', 'delete', 'plant')).stdout).toBe('Deleted plant.\n');
  expect((await millrace('connections', 'get', 'plant')).code).toBe(1);
  expect((await millrace('connections', 'create', join(folder, 'absent.json'))).code).toBe(2);
});

test('instances are listed and drained by the platform', async () => {
  expect(await asPlatform('instances', 'list')).toMatchObject({ code: 0, stderr: 'There are none.\n' });
  expect(await asPlatform('instances', 'drain', 'manager-9')).toMatchObject({ code: 1 });
  expect(await millrace('instances', 'list')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('platform') as string,
  });
});
