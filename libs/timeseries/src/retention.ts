/** Makes the retention of a table that is there what its definition says. */
import type { QuestDb } from './questdb.ts';
import { sqlText } from './sql-text.ts';
import type { TableDefinition } from './table-definition.ts';

/** QuestDB says a TTL in the largest unit that fits. */
const daysOfUnit: Readonly<Record<string, number>> = { HOUR: 1 / 24, DAY: 1, WEEK: 7 };

/**
 * False: it was so already. QuestDB shows a change after a moment, and drops old partitions with the next rows. Throws
 * `store_unavailable` while it does not answer.
 */
export async function applyRetention(store: QuestDb, table: TableDefinition, signal?: AbortSignal): Promise<boolean> {
  const { name, retentionDays = 0 } = table;
  const found = await store.query(`SELECT ttlValue, ttlUnit FROM tables() WHERE table_name = ${sqlText(name)}`, signal);
  const [ttl, unit] = found[0] ?? [];
  if (Number(ttl) * (daysOfUnit[String(unit)] ?? Number.NaN) === retentionDays) return false;
  await store.query(`ALTER TABLE ${name} SET TTL ${retentionDays} DAYS`, signal);
  return true;
}
