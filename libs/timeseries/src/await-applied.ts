/** QuestDB acknowledges rows when they are in its log and shows them when they are in the table, some time later. */
import { MillraceError } from '@millrace/contracts';
import { type Clock, systemClock } from '@millrace/kernel';
import type { QuestDb } from './questdb.ts';
import { sqlText } from './sql-text.ts';

/** Merging many late rows takes seconds; a table that takes longer is in trouble, and its newest rows have to wait. */
const appliedMsMax = 30_000;

const lookAgainMs = 200;

/**
 * Resolves when every row that was acknowledged before the call can be read. Throws `store_unavailable` when that takes
 * longer than 30 s or QuestDB does not answer.
 */
export async function awaitApplied(
  store: QuestDb,
  tables: readonly string[],
  signal: AbortSignal,
  clock: Clock = systemClock,
): Promise<void> {
  const until = clock.monotonicMs() + appliedMsMax;
  const logged = await transactionsOf(store, tables, 'sequencerTxn', signal);
  for (;;) {
    const applied = await transactionsOf(store, tables, 'writerTxn', signal);
    if ([...logged].every(([table, transaction]) => (applied.get(table) ?? 0) >= transaction)) return;
    if (clock.monotonicMs() > until)
      throw new MillraceError('store_unavailable', `QuestDB did not show its newest rows within ${appliedMsMax} ms.`);
    await clock.sleep(lookAgainMs, signal);
  }
}

async function transactionsOf(
  store: QuestDb,
  tables: readonly string[],
  column: 'sequencerTxn' | 'writerTxn',
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  if (tables.length === 0) return new Map();
  const names = tables.map(sqlText).join(', ');
  const rows = await store.query(`SELECT name, ${column} FROM wal_tables() WHERE name IN (${names})`, signal);
  return new Map(rows.map(([name, transaction]) => [String(name), Number(transaction)]));
}
