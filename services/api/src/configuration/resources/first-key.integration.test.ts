/** How somebody comes in for the first time, on a database that is empty. */
import { randomBytes } from 'node:crypto';
import { KeyedSecrets, keyIdOf, SecretKey } from '@millrace/auth';
import { Database, migrate, ResourceRows } from '@millrace/control';
import { newDatabase, type TestDatabase } from '@millrace/testkit/new-database';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ensureFirstKey, platformTenant } from './first-key.ts';

const secrets = new KeyedSecrets(new SecretKey(randomBytes(32)));
const nowMs = Date.UTC(2026, 0, 1);
const given = 'admin.0123456789abcdef0123456789abcdef';

let made: TestDatabase;
let database: Database;

beforeEach(async () => {
  made = await newDatabase();
  database = new Database(made.url, () => undefined);
  await migrate(database);
});
afterEach(async () => {
  await database.close();
  await made.drop();
});

interface StoredKey {
  readonly id: string;
  readonly hash: unknown;
  readonly scopes: unknown;
  readonly expiresAtMicros: unknown;
}

function keys(): Promise<readonly StoredKey[]> {
  return database.ofTenant(platformTenant, async (transaction) => {
    const rows = await new ResourceRows(transaction, platformTenant).all('api_keys');
    return rows.map(({ id, body }) => ({
      id,
      hash: body['hash'],
      scopes: body['scopes'],
      expiresAtMicros: body['expiresAtMicros'],
    }));
  });
}

test('without a key one is made that is good for an hour, and of which only the hash is kept', async () => {
  const first = (await ensureFirstKey(database, secrets, undefined, nowMs))!;
  expect(first.expiresAt.getTime()).toBe(nowMs + 3_600_000);
  expect(await keys()).toEqual([
    {
      id: keyIdOf(first.key),
      hash: secrets.hash(first.key),
      scopes: ['ingest', 'read', 'write', 'admin', 'platform'],
      expiresAtMicros: (nowMs + 3_600_000) * 1_000,
    },
  ]);
});

test('the next start makes no other one, also of two that start together', async () => {
  const made = await Promise.all([1, 2, 3].map(() => ensureFirstKey(database, secrets, undefined, nowMs)));
  expect(made.filter((one) => one !== undefined)).toHaveLength(1);
  expect(await ensureFirstKey(database, secrets, undefined, nowMs)).toBeUndefined();
  expect(await keys()).toHaveLength(1);
});

test('a key that is given is kept for good, and given again it changes nothing', async () => {
  expect(await ensureFirstKey(database, secrets, given, nowMs)).toBeUndefined();
  const before = await keys();
  expect(before).toMatchObject([{ id: 'admin', hash: secrets.hash(given), expiresAtMicros: null }]);
  await ensureFirstKey(database, secrets, given, nowMs);
  expect(await keys()).toEqual(before);
});

test('another key in its place opens from then on, the earlier one does not', async () => {
  await ensureFirstKey(database, secrets, given, nowMs);
  await ensureFirstKey(database, secrets, `${given}f`, nowMs);
  expect(await keys()).toMatchObject([{ id: 'admin', hash: secrets.hash(`${given}f`) }]);
});

test('what is no key stops the start with a sentence that says what to give', () => {
  expect(() => ensureFirstKey(database, secrets, 'admin', nowMs)).toThrow(/MILLRACE_ADMIN_KEY .+ an id, a dot and 16/);
});
