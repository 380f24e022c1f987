/** Reads of a tenant's own table, which is made when the first of its points are written. */
import { MillraceError } from '@millrace/contracts';
import type { QuestDb, SqlValue } from './questdb.ts';

/** The rows, none while there is no such table. Throws what `QuestDb.query` throws. */
export async function storedOrNone(
  store: Pick<QuestDb, 'query'>,
  statement: string,
  signal?: AbortSignal,
): Promise<readonly (readonly SqlValue[])[]> {
  try {
    return await store.query(statement, signal);
  } catch (error) {
    if (error instanceof MillraceError && error.code === 'not_found') return [];
    throw error;
  }
}
