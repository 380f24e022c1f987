/** A points table of a test's own, and waiting until QuestDB shows what it has acknowledged. */
import { randomBytes } from 'node:crypto';
import { vi } from 'vitest';
import { ensureTable } from '../ensure-table.ts';
import { pointsTable } from '../points-table.ts';
import { type QuestDb, type SqlValue } from '../questdb.ts';

export function randomName(prefix: string): string {
  return `${prefix}_${randomBytes(6).toString('hex')}`;
}

/** Creates it; the test drops it. */
export async function ownPointsTable(store: QuestDb): Promise<string> {
  const table = pointsTable(randomName('test_points'), 'forever');
  await ensureTable(store, table);
  return table.name;
}

/** Rows become visible some milliseconds after they are acknowledged. */
export async function shownRows(
  store: QuestDb,
  table: string,
  count: number,
  order = 'ts, tenant, device, signal, seq',
): Promise<readonly (readonly SqlValue[])[]> {
  return vi.waitFor(
    async () => {
      const rows = await store.query(`SELECT * FROM ${table} ORDER BY ${order}`);
      if (rows.length !== count) throw new Error(`${table} shows ${rows.length} rows instead of ${count}.`);
      return rows;
    },
    { timeout: 15_000, interval: 50 },
  );
}
