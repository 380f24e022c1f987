/** Against a real QuestDB: what is emptied is one tenant, and nothing else is touched by it, whoever writes meanwhile. */
import { testAddresses } from '@millrace/testkit';
import { afterAll, expect, test, vi } from 'vitest';
import { ensureTable } from './ensure-table.ts';
import { countTenantRows, emptyTenantRows, sharedTables } from './erase-rows.ts';
import { pointsTable } from './points-table.ts';
import { QuestDb, type SqlValue } from './questdb.ts';
import type { Column, TableDefinition } from './table-definition.ts';
import { randomName } from './testing/own-table.ts';

const store = new QuestDb(testAddresses.questdb);
const made: string[] = [];
const dayMicros = 86_400_000_000;
const startMicros = Date.UTC(2026, 2, 1) * 1_000;

afterAll(async () => {
  for (const name of made) await store.query(`DROP TABLE IF EXISTS ${name}`);
  store.close();
});

async function copyOf(definition: TableDefinition): Promise<TableDefinition> {
  const table = { ...definition, name: randomName('test_erase') };
  made.push(table.name);
  await ensureTable(store, table);
  return table;
}

const shown = (table: string, rows: number): Promise<void> =>
  vi.waitFor(async () => expect(Number((await store.query(`SELECT count() FROM ${table}`))[0]?.[0])).toBe(rows), {
    timeout: 15_000,
    interval: 50,
  });

/** Lines of one tenant, a row each: the value is the index. */
function lines(table: string, tenant: string, times: readonly number[], firstIndex = 0): Buffer {
  const rows = times.map((micros, at) => {
    const index = firstIndex + at;
    return `${table},tenant=${tenant},device=${tenant}_${index % 5},signal=s seq=${index}i,value=${index}.5,text="${tenant} ${index}",kind=0i,quality=0i,received=${micros}t ${micros}`;
  });
  return Buffer.from(`${rows.join('\n')}\n`);
}

test('rows of others that are written meanwhile, also into the partitions that are rewritten, are all there and as they were', async () => {
  const table = await copyOf(pointsTable('any', 'forever'));
  const { name } = table;
  const times = Array.from({ length: 6_000 }, (_, index) => startMicros + (index % 4) * dayMicros + index * 1_000);
  await store.write(lines(name, 'gone', times));
  await store.write(lines(name, 'kept', times));
  await shown(name, 2 * times.length);
  let written = times.length;
  let erased = false;
  const write = async (): Promise<void> => {
    while (!erased) {
      // Late rows into every partition, some of which are there already, and new ones behind all.
      const late = times.slice(0, 40).map((micros, at) => micros + (written + at) * 7);
      await store.write(lines(name, 'kept', late, written));
      await store.write(lines(name, 'kept', times.slice(0, 40)));
      written += late.length;
    }
  };
  const writing = write();
  await vi.waitFor(() => expect(written).toBeGreaterThan(times.length + 200), 10_000);
  await emptyTenantRows(store, table, 'gone');
  erased = true;
  await writing;
  await shown(name, times.length + written);
  expect(await countTenantRows(store, name, 'gone')).toBe(0);
  const kept = await store.query(
    `SELECT seq, count(), max(value), max(text), max(device) FROM ${name} WHERE tenant = 'kept' GROUP BY seq ORDER BY seq`,
  );
  const expected = Array.from({ length: written }, (_, index) => [
    index,
    1,
    index + 0.5,
    `kept ${index}`,
    `kept_${index % 5}`,
  ]);
  expect(kept).toEqual(expected);
}, 60_000);

const valueOf = ({ name, type }: Column, tenant: string): string => {
  if (name === 'ts') return String(startMicros);
  if (name === 'tenant' || type === 'SYMBOL' || type === 'VARCHAR')
    return `'${name === 'tenant' ? tenant : `of ${tenant}`}'`;
  return type === 'TIMESTAMP' ? String(startMicros) : '7';
};

test.each(sharedTables)('of a row in $name nothing is left but its time', async (definition) => {
  const table = await copyOf(definition);
  const names = table.columns.map(({ name }) => name).join(', ');
  for (const tenant of ['gone', 'kept'])
    await store.query(
      `INSERT INTO ${table.name} (${names}) VALUES (${table.columns.map((column) => valueOf(column, tenant)).join(', ')})`,
    );
  await shown(table.name, 2);
  const rows = (): Promise<readonly (readonly SqlValue[])[]> =>
    store.query(`SELECT ${names} FROM ${table.name} ORDER BY tenant`);
  const before = (await rows()).find((row) => row.includes('kept'));
  await emptyTenantRows(store, table, 'gone');
  const after = await rows();
  const gone = after.find((row) => !row.includes('kept'))!;
  expect(after.find((row) => row.includes('kept'))).toEqual(before);
  expect(gone.slice(1).filter((value) => value !== null && value !== 0)).toEqual([]);
  await emptyTenantRows(store, table, 'gone');
  expect(await rows()).toEqual(after);
});

test('a table that is not there has no rows of anybody', async () => {
  expect(await countTenantRows(store, 'points_t_never_made', 'gone')).toBe(0);
});
