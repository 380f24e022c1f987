/** Stopping in bounded time, whatever senders and Kafka do. */
import type { Clock } from '@millrace/kernel';

/** Stopping must end before an orchestrator kills the process, usually after 30 s. */
const drainMsMax = 10_000;

/** Resolves with `drained`; when that takes too long, `cut` is called and must make it come. */
export async function drain(drained: PromiseLike<unknown>, cut: () => void, clock: Clock): Promise<void> {
  const done = new AbortController();
  const late = clock.sleep(drainMsMax, done.signal).then(cut, () => undefined);
  await drained;
  done.abort();
  await late;
}
