/** PostgreSQL as a stack of its own starts, guards, kills and stops it. */
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { listenersOf } from '../port-owner.ts';
import { startStack, type Stack } from '../stack.ts';
import { stateFileIn } from '../state-file.ts';
import { postgresSettings } from './postgres.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'millrace-postgres-'));
const components = ['postgres'] as const;
const readyMsMax = 20_000;

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ dataDir, components });
}, 120_000);

afterAll(async () => {
  await stack.stop();
  rmSync(dataDir, { recursive: true });
});

async function connected(url = stack.address('postgres')): Promise<Client> {
  const client = new Client({ connectionString: url });
  // The server may be killed below it.
  client.on('error', () => undefined);
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

const valueOf = async (client: Client, query: string): Promise<unknown> =>
  Object.values((await client.query<Record<string, unknown>>(query)).rows[0] ?? {})[0];

test('its settings are in force, and texts are ordered by code point', async () => {
  const client = await connected();
  for (const [name, value] of Object.entries({
    ...postgresSettings,
    fsync: 'on',
    password_encryption: 'scram-sha-256',
  }))
    expect(await valueOf(client, `SHOW ${name}`), name).toBe(value);
  expect(await valueOf(client, 'SHOW server_encoding')).toBe('UTF8');
  expect(await valueOf(client, `SELECT string_agg(x, '' ORDER BY x) FROM unnest('{ä,b,B,a}'::text[]) AS x`)).toBe(
    'Babä',
  );
});

test('it answers on the loopback only, and has no socket in the file system', async () => {
  const { pid, ports } = stack.processes[0]!;
  expect(listenersOf(pid!)).toMatchObject([{ address: '0100007F', port: ports['postgres'] }]);
  expect(readFileSync(join(dataDir, 'postgres', 'data', 'postmaster.pid'), 'utf8').split('\n')[4]).toBe('');
});

test.each([
  ['a wrong password', (url: URL) => (url.password = 'wrong')],
  ['no password', (url: URL) => (url.password = '')],
  ['the superuser', (url: URL) => (url.username = 'postgres')],
])('it refuses %s', async (_, change) => {
  const url = new URL(stack.address('postgres'));
  change(url);
  await expect(connected(url.href)).rejects.toThrow(/password/);
});

test('its role is no superuser, and bound by row-level security', async () => {
  const client = await connected();
  expect(await valueOf(client, 'SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user')).toBe(
    false,
  );
});

test('the password is its owner’s to read, and is not shown', () => {
  const { password } = new URL(stack.address('postgres'));
  expect(password).toMatch(/^[\w-]{43}$/);
  expect(statSync(join(dataDir, 'postgres', 'password')).mode & 0o777).toBe(0o600);
  expect(new URL(stack.processes[0]!.url!)).toMatchObject({ username: 'millrace', password: '' });
  expect(readFileSync(stateFileIn(dataDir), 'utf8')).not.toContain(password);
});

test('what was committed is there after SIGKILL, and it comes back by itself', async () => {
  const before = await connected();
  await before.query('CREATE TABLE kept (n int)');
  await before.query('INSERT INTO kept VALUES (7)');
  await stack.kill('postgres');
  await stack.ready(AbortSignal.timeout(readyMsMax));
  expect(await valueOf(await connected(), 'SELECT n FROM kept')).toBe(7);
});

test('it stops in order though a client stays, leaves no process, and starts with the same data and password', async () => {
  const client = await connected();
  await client.query('CREATE TABLE again (n int)');
  const address = stack.address('postgres');
  const [{ log }] = stack.processes as [Stack['processes'][number]];
  await stack.stop();
  expect(readFileSync(log, 'utf8')).toMatch(/database system is shut down\n$/);
  await vi.waitFor(() => expect(processesIn(join(dataDir, 'postgres', 'data'))).toEqual([]));
  stack = await startStack({ dataDir, components });
  expect(stack.address('postgres')).toBe(address);
  expect(await valueOf(await connected(), 'SELECT count(*) FROM again')).toBe('0');
}, 60_000);

/** Every process of PostgreSQL works in its data folder, each in a session of its own. */
function processesIn(folder: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`) === folder;
    } catch {
      return false;
    }
  });
}
