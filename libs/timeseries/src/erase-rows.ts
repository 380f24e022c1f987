/**
 * What the tables have of one tenant, and how it is removed. QuestDB cannot delete rows. What a tenant has in a table of its own
 * goes with the table. In shared tables its rows are emptied: an UPDATE is a transaction in the table's log like every write, so
 * it changes rows of this tenant and no others, whatever is written before, after or meanwhile, and readers see all rows of the
 * others all the time. QuestDB writes the columns of these partitions anew and removes the old files. An emptied row is a time
 * without anything else, and leaves with its partition. See ADR 025.
 */
import { alarmEventsTable } from './alarm-events-table.ts';
import { awaitApplied } from './await-applied.ts';
import { sharedPointsTables } from './points-table.ts';
import type { QuestDb } from './questdb.ts';
import { sqlLong, sqlText } from './sql-text.ts';
import { statisticResultsTable } from './statistic-results-table.ts';
import { storedOrNone } from './stored-or-none.ts';
import type { Column, TableDefinition } from './table-definition.ts';

/** Every table that holds rows of several tenants. */
export const sharedTables: readonly TableDefinition[] = [
  ...sharedPointsTables,
  alarmEventsTable,
  statisticResultsTable,
];

/** Rows of the tenant in one partition, or in a part of it. */
export interface TenantPart {
  /** UTC microseconds, both inclusive. */
  readonly fromMicros: number;
  readonly toMicros: number;
  readonly rows: number;
}

/** The parts of a table with rows of the tenant; each is a short statement. None for a table that is not there. Throws `store_unavailable`. */
export async function* tenantParts(
  store: QuestDb,
  table: string,
  tenant: string,
  signal?: AbortSignal,
): AsyncGenerator<TenantPart> {
  const partitions = await storedOrNone(
    store,
    `SELECT cast(minTimestamp AS LONG), cast(maxTimestamp AS LONG) FROM table_partitions(${sqlText(table)}) ` +
      'WHERE numRows > 0 ORDER BY minTimestamp',
    signal,
  );
  for (const [from, to] of partitions) {
    const part = { fromMicros: Number(from), toMicros: Number(to) };
    const found = await storedOrNone(store, `SELECT count() FROM ${table} ${conditionOf(part, tenant)}`, signal);
    const rows = Number(found[0]?.[0] ?? 0);
    if (rows > 0) yield { ...part, rows };
  }
}

/** How many rows of the tenant a table shows. Throws `store_unavailable`. */
export async function countTenantRows(
  store: QuestDb,
  table: string,
  tenant: string,
  signal?: AbortSignal,
): Promise<number> {
  let rows = 0;
  for await (const part of tenantParts(store, table, tenant, signal)) rows += part.rows;
  return rows;
}

/**
 * Empties the tenant's rows in a shared table, a partition after the other, and resolves when none is shown any more. May be
 * called again, and goes on where it was. Nobody writes rows of this tenant meanwhile. Throws `store_unavailable`.
 */
export async function emptyTenantRows(
  store: QuestDb,
  { name, columns }: TableDefinition,
  tenant: string,
  signal?: AbortSignal,
): Promise<void> {
  const [, ...others] = columns;
  const nothing = others.map((column) => `${column.name} = ${nothingOf(column)}`).join(', ');
  await awaitAppliedIn(store, name, signal);
  for await (const part of tenantParts(store, name, tenant, signal)) {
    await store.query(`UPDATE ${name} SET ${nothing} ${conditionOf(part, tenant)}`, signal);
    await awaitAppliedIn(store, name, signal);
  }
}

/** Drops a table with everything in it; nothing happens when it is not there. Throws `store_unavailable`. */
export async function dropTable(store: QuestDb, table: string, signal?: AbortSignal): Promise<void> {
  await store.query(`DROP TABLE IF EXISTS ${table}`, signal);
}

async function awaitAppliedIn(store: QuestDb, table: string, signal = new AbortController().signal): Promise<void> {
  await awaitApplied(store, [table], signal);
}

function conditionOf({ fromMicros, toMicros }: Omit<TenantPart, 'rows'>, tenant: string): string {
  return `WHERE ts >= ${sqlLong(fromMicros)} AND ts <= ${sqlLong(toMicros)} AND tenant = ${sqlText(tenant)}`;
}

/** A BYTE is never null. */
function nothingOf({ type }: Column): string {
  return type === 'BYTE' ? 'cast(0 AS BYTE)' : 'null';
}
