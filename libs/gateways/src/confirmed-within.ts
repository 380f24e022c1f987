/** How long a sender waits for its receipt. */
import { MillraceError } from '@millrace/contracts';
import type { Clock } from '@millrace/kernel';

/**
 * What `durable` resolves with, or `stream_unavailable` after `waitMsMax`. Only the waiting ends: what was handed over is still
 * on its way, so the sender must send it again with the same id, or accept that it may be there twice.
 */
export async function confirmedWithin<T>(durable: Promise<T>, waitMsMax: number, clock: Clock): Promise<T> {
  const waited = new AbortController();
  const late = clock.sleep(waitMsMax, waited.signal).then(() => {
    throw new MillraceError(
      'stream_unavailable',
      'Kafka has not confirmed in time. The messages may be stored or not; send them again with the same ids.',
    );
  });
  try {
    return await Promise.race([durable, late]);
  } finally {
    waited.abort();
  }
}
