/** Bounds what a request may ask of QuestDB. */
import { MillraceError } from '@millrace/contracts';

/** Nobody waits longer for a chart; the query ends in QuestDB as well. */
const queryMsMax = 10_000;

/**
 * `gone`: the client has given up; the query ends in QuestDB, and with the signal's reason. Throws `store_unavailable` when
 * the query does not answer in time.
 */
export async function answeredInTime<T>(query: (limit: AbortSignal) => Promise<T>, gone: AbortSignal): Promise<T> {
  const limit = AbortSignal.timeout(queryMsMax);
  try {
    return await query(AbortSignal.any([limit, gone]));
  } catch (error) {
    gone.throwIfAborted();
    if (!limit.aborted) throw error;
    throw new MillraceError('store_unavailable', 'The query took too long; ask for a shorter time.', { cause: error });
  }
}
