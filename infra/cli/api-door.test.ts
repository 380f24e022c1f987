import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { adminKeyIn } from '../stack/admin-key.ts';
import { identityOf } from '../stack/process-identity.ts';
import { writeState } from '../stack/state-file.ts';
import { version } from '../stack/version.ts';
import { apiDoor } from './api-door.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'millrace-door-'));
afterAll(() => rmSync(dataDir, { recursive: true }));

function withApi(ready: boolean): void {
  const own = { pid: process.pid, born: identityOf(process.pid)!.born };
  writeState({
    version,
    state: 'ready',
    dataDir,
    supervisor: own,
    demo: { tenants: [] },
    processes: [
      {
        ...own,
        name: 'api',
        instance: 'api-1',
        kind: 'service',
        state: 'ready',
        ready,
        restarts: 0,
        url: 'http://127.0.0.1:1',
        ports: {},
      } as never,
    ],
  });
}

test('the stack of the folder is asked with its own key, also where the environment names another api', () => {
  withApi(true);
  const environment = { MILLRACE_API_URL: 'https://there.example', MILLRACE_API_KEY: 'k' };
  expect(apiDoor(dataDir, environment)).toEqual({ url: 'http://127.0.0.1:1', key: adminKeyIn(dataDir) });
});

test('without a folder the environment names the api, whole or not at all', () => {
  const url = 'https://there.example/';
  expect(apiDoor(undefined, { MILLRACE_API_URL: url, MILLRACE_API_KEY: 'k' })).toEqual({
    url: 'https://there.example',
    key: 'k',
  });
  expect(() => apiDoor(undefined, { MILLRACE_API_URL: url })).toThrow('Set both');
});

test('a folder without an api that answers is said so', () => {
  withApi(false);
  expect(() => apiDoor(dataDir, {})).toThrow(`No api runs in ${dataDir}`);
});
