/**
 * QuestDB suspends a table when it could not put acknowledged rows into it, for instance because the disk was full. From then on
 * it takes rows and shows none of them, until someone resumes the table or restarts QuestDB. Nothing is lost meanwhile.
 * https://questdb.com/docs/query/sql/alter-table-resume-wal/
 */
import type { QuestDb } from './questdb.ts';

export interface SuspendedTable {
  readonly table: string;
  /** What QuestDB says of the failure. */
  readonly reason: string;
}

/** Those that failed. A table that an operator suspended (QuestDB names no error for it) is the operator's to resume. */
export async function suspendedTables(store: QuestDb, signal?: AbortSignal): Promise<readonly SuspendedTable[]> {
  const rows = await store.query('SELECT name, errorTag, errorMessage FROM wal_tables() WHERE suspended', signal);
  return rows
    .map(([table, ...reasons]) => ({ table: String(table), reason: reasons.filter(Boolean).join(': ') }))
    .filter(({ reason }) => reason !== '');
}

/** QuestDB tries the failed transaction again, none is skipped. When it fails again the table is suspended again. */
export async function resumeTable(store: QuestDb, table: string, signal?: AbortSignal): Promise<void> {
  await store.query(`ALTER TABLE "${table}" RESUME WAL`, signal);
}
