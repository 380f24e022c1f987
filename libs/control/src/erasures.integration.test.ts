/** Against a real PostgreSQL: what an erasure takes is one tenant, and its receipt counts everything once. */
import { databaseText } from '@millrace/testkit/database-text';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ErasedEntities, ownTables } from './erased-entities.ts';
import { Erasures } from './erasures.ts';
import { RegistrationRows } from './registration-rows.ts';
import { ScriptVersions } from './script-versions.ts';
import { type ControlDatabase, controlDatabase, deviceBody } from './testing/control-database.ts';

const kinds = ['api_keys', 'devices', 'assets', 'products'];
const devices = 1_500;
const assets = 1_200;
const { signal } = new AbortController();
const tenantBody = (tenant: unknown, more: object = {}): Record<string, never> =>
  ({ tenant, name: '', state: 'deleted', ...more }) as never;

let control: ControlDatabase;
let erasures: Erasures;
let entities: ErasedEntities;

beforeAll(async () => {
  control = await controlDatabase();
  erasures = new Erasures(control.database);
  entities = new ErasedEntities(control.database, kinds);
  for (const tenant of ['north', 'south'])
    await control.of(tenant, async (rows) => {
      await rows.create('api_keys', `${tenant}-key`, { hash: `hash-of-${tenant}` });
      const bodies = Array.from({ length: devices }, (_, index) => ({
        id: `d${index}`,
        // All of them behind the first.
        body: deviceBody({ name: `made by ${tenant}`, gatewayUid: index === 0 ? null : 'd0' }),
        before: undefined,
      }));
      await rows.write('devices', bodies);
      const parts = Array.from({ length: assets }, (_, index) => ({
        id: `a${index}`,
        body: { name: `made by ${tenant}`, parentId: index === 0 ? null : `a${Math.floor((index - 1) / 5)}` },
        before: undefined,
      }));
      await rows.write('assets', parts);
    });
  for (const tenant of ['north', 'south']) await addSecret(tenant);
  for (const tenant of ['north', 'south'])
    await control.database.ofTenant(tenant, (transaction) =>
      new ScriptVersions(transaction, tenant).add([
        { scriptId: 'decode', version: 1, language: 'javascript', source: `made by ${tenant}` },
      ]),
    );
});
afterAll(() => control.drop());

/** By which devices of the product register themselves. */
const addSecret = (tenant: string, id = `${tenant}-secret`) =>
  control.database.ofTenant(tenant, (transaction) =>
    new RegistrationRows(transaction, tenant).addSecret({
      id,
      product_id: 'pump',
      name: `made by ${tenant}`,
      hash: `hash-of-${tenant}`,
      expires_at: null,
      devices_max: 1,
      approval: true,
    }),
  );

const removedOf = async (): Promise<readonly (readonly [string, number])[]> =>
  (await erasures.find('north'))!.steps.flatMap(({ removed }) =>
    removed.map(({ name, count }) => [name, count] as const),
  );

test('from the moment an erasure is asked for, nobody changes the tenant any more, and others are as free as before', async () => {
  await expect(erasures.ask('nobody', 'k1', (body) => body)).rejects.toMatchObject({ code: 'not_found' });
  const asked = await erasures.ask('north', 'k1', (body) => ({ ...body, state: 'deleted' }));
  expect(asked).toMatchObject({ tenant: 'north', state: 'waiting', askedBy: 'k1', attempts: 0 });
  expect((await erasures.ask('north', 'k2', (body) => body)).askedBy).toBe('k1');
  const late = control.of('north', (rows) => rows.create('devices', 'late', deviceBody()));
  await expect(late).rejects.toMatchObject({ code: 'tenant_erased' });
  await expect(addSecret('north', 'late')).rejects.toMatchObject({ code: 'tenant_erased' });
  const back = control.of('north', async (rows) => {
    const before = (await rows.lock('tenants', 'north'))!;
    return rows.write('tenants', [{ id: 'north', body: { ...before.body, state: 'active' }, before }]);
  });
  await expect(back).rejects.toMatchObject({ code: 'tenant_erased' });
  await control.of('south', (rows) => rows.create('devices', 'late', deviceBody()));
  expect((await erasures.due())?.tenant).toBe('north');
});

test('entities go with a record of their end for each, in bounded transactions, and are counted as they go', async () => {
  const position = await entities.delete('north', 'configuration', () => tenantBody('north'), signal);
  expect(await removedOf()).toEqual([
    ['registration_secrets', 1],
    ['script_versions', 1],
    ['api_keys', 1],
    ['devices', devices],
    ['assets', assets],
    ['products', 1],
  ]);
  const text = await databaseText(control.database.url);
  const ends = text.filter((line) => /^outbox .*,north,.*,,/.test(line));
  expect(ends).toHaveLength(devices + assets + 2);
  await entities.deleteTraces('north', 'configuration', position);
  expect(await entities.count('north')).toBe(0);
  const left = (await databaseText(control.database.url)).filter((line) => /\bnorth\b/.test(line));
  expect(left.map((line) => line.replace(/ .*/s, '')).toSorted()).toEqual(['erasures', 'outbox', 'tenants']);
  expect(left.join()).not.toMatch(/made by|hash-of/);
  expect(await entities.count('south')).toBe(devices + assets + 5);
});

test('no table that has rows of tenants is forgotten', async () => {
  const { rows } = await sql<{ name: string }>`
    SELECT table_name AS name FROM information_schema.columns AS one
    WHERE table_schema = 'public' AND column_name = 'tenant' AND NOT EXISTS (
      SELECT FROM information_schema.columns AS other
      WHERE other.table_name = one.table_name AND other.column_name = 'revision')`.execute(control.database.db);
  const known = [...ownTables, 'outbox', 'idempotency_keys', 'erasures'];
  expect(rows.map(({ name }) => name).toSorted()).toEqual(known.toSorted());
});

test('what is removed is counted once, wherever the process dies', async () => {
  const what = { name: 'points_30d', unit: 'rows', count: 100 } as const;
  const died = erasures.remove('north', 'tables', what, () => Promise.reject(new Error('killed')));
  await expect(died).rejects.toThrow('killed');
  await erasures.remove('north', 'tables', { ...what, count: 40 }, () => Promise.resolve());
  expect((await removedOf()).at(-1)).toEqual(['points_30d', 100]);
  await erasures.remove('north', 'tables', { ...what, count: 3 }, () => Promise.resolve());
  expect((await removedOf()).at(-1)).toEqual(['points_30d', 103]);
});

test('an attempt that failed is due again later; one that is done and asked for again begins anew and keeps its receipt', async () => {
  await erasures.begin('north');
  const failure = { at: new Date().toISOString(), step: 'tables', code: 'store_unavailable', reason: 'Away.' };
  await erasures.fail('north', failure, 60_000);
  expect(await erasures.due()).toBeUndefined();
  expect(await erasures.pendingSeconds()).toBeGreaterThan(0);
  await erasures.endStep('north', 'tables');
  await erasures.end('north', [{ topic: 't', at: new Date().toISOString() }]);
  expect(await erasures.find('north')).toMatchObject({ state: 'done', failure: null, expires: [{ topic: 't' }] });
  expect([await erasures.due(), await erasures.pendingSeconds()]).toEqual([undefined, 0]);
  const again = await erasures.ask('north', 'k2', () => tenantBody('north'));
  expect([again.state, again.steps.every(({ endedAt }) => endedAt === null)]).toEqual(['waiting', true]);
  expect((await removedOf()).at(-1)).toEqual(['points_30d', 103]);
});
