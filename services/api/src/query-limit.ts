/** Bounds what a request may ask of QuestDB. */
import { MillraceError } from '@millrace/contracts';

/** Nobody waits longer for a chart; the query ends in QuestDB as well. */
const queryMsMax = 10_000;

/** Throws `store_unavailable` when the query does not answer in time. */
export async function answeredInTime<T>(query: (limit: AbortSignal) => Promise<T>): Promise<T> {
  const limit = AbortSignal.timeout(queryMsMax);
  try {
    return await query(limit);
  } catch (error) {
    if (!limit.aborted) throw error;
    throw new MillraceError('store_unavailable', 'The query took too long; ask for a shorter time.', { cause: error });
  }
}
