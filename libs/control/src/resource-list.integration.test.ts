/** Searches among many devices, of which an index finds those that have a rare text. */
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ResourceKind } from './resource-kind.ts';
import { listResources } from './resource-list.ts';
import { type ControlDatabase, controlDatabase, deviceBody } from './testing/control-database.ts';

const devices = 3_000;
const kind: ResourceKind = {
  name: 'devices',
  filters: {},
  sorts: { name: 'name' },
  searched: { column: 'search_text', find: 'find_devices' },
  referredToBy: [],
};
let control: ControlDatabase;

const nameOf = (index: number): string => `Kessel ${index % 7 === 0 ? 'Ä' : 'B'} 100% ${index}`;
const codeOf = (index: number): string => (index * 7_919).toString(16).padStart(8, 'F');

beforeAll(async () => {
  control = await controlDatabase();
  await control.of('north', async (rows) => {
    const bodies = Array.from({ length: devices }, (_, index) => ({
      id: `d-${index}`,
      body: deviceBody({ name: nameOf(index), identificationCode: codeOf(index) }),
      before: undefined,
    }));
    await rows.write('devices', bodies);
  });
  // With a few rows it is quicker to look at each.
  await sql`INSERT INTO devices (tenant, id, revision, body)
    SELECT 'south', 'p-' || number, number, jsonb_build_object('name', 'Pumpe ' || number, 'productId', 'pump')
    FROM generate_series(1, 20000) AS number`.execute(control.database.db);
  await sql`ANALYZE devices`.execute(control.database.db);
}, 30_000);
afterAll(() => control.drop());

async function found(tenant: string, search: string, sort = 'id'): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let cursor: string | undefined; ;) {
    const query = { filters: {}, search, sort, limit: 500, cursor };
    const { items, next } = await control.database.ofTenant(tenant, (transaction) =>
      listResources(transaction, tenant, kind, query),
    );
    ids.push(...items.map(({ id }) => id));
    if (next === null) return ids;
    cursor = next;
  }
}

const indexScans = async (): Promise<bigint> => {
  await sql`SELECT pg_stat_force_next_flush()`.execute(control.database.db);
  const { rows } = await sql<{ scans: bigint }>`
    SELECT sum(idx_scan)::bigint AS scans FROM pg_stat_user_indexes
    WHERE indexrelname = 'devices_search_text_idx'`.execute(control.database.db);
  return rows[0]!.scans;
};

test.each([
  ['many devices have', 'kessel'],
  ['some have', 'el Ä 1'],
  ['some have, in the other case', 'EL ä 1'],
  ['one has in its code', codeOf(1_234).toUpperCase()],
  ['is too short for the index', '99'],
  ['has a sign of patterns', '0% 29'],
  ['has another one', 'd_1'],
  ['nobody has', 'nothing'],
])('a text that %s is found in uid, name and code', async (_what, search) => {
  const text = search.toLowerCase();
  const expected = Array.from({ length: devices }, (_, index) => index).filter((index) =>
    [`d-${index}`, nameOf(index), codeOf(index)].some((one) => one.toLowerCase().includes(text)),
  );
  const ids = expected.map((index) => `d-${index}`);
  expect((await found('north', search)).toSorted()).toEqual(ids.toSorted());
  expect((await found('north', search, '-name')).toSorted()).toEqual(ids.toSorted());
});

test('a rare text is found by the index', async () => {
  const before = await indexScans();
  expect(await found('north', 'boiling')).toEqual([]);
  expect(await found('north', nameOf(2_345))).toEqual(['d-2345']);
  await expect.poll(indexScans).toBeGreaterThanOrEqual(before + 2n);
});

test('another tenant finds nothing of it, and what runs outside of a tenant neither', async () => {
  expect(await found('south', nameOf(2_345))).toEqual([]);
  expect(await found('south', 'PUMPE 12345')).toEqual(['p-12345']);
  const asTenant = control.database.ofTenant('south', async (transaction) => {
    const { rows } = await sql<{ ids: readonly string[] }>`SELECT find_devices('%kessel%', 5) AS ids`.execute(
      transaction,
    );
    return rows[0]!.ids;
  });
  expect(await asTenant).toEqual([]);
  const { rows } = await sql<{ ids: readonly string[] }>`SELECT find_devices('%kessel%', 5) AS ids`.execute(
    control.database.db,
  );
  expect(rows[0]!.ids).toEqual([]);
});
