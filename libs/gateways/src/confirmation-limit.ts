/** How long senders wait for their receipts. One timer for all of them: they wait equally long, so the oldest is due first. */
import { MillraceError } from '@millrace/contracts';
import type { Clock } from '@millrace/kernel';

interface Waiting {
  readonly dueMs: number;
  readonly giveUp: (error: MillraceError) => void;
}

export class ConfirmationLimit {
  readonly #waitMsMax: number;
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  /** In the order in which they are due. */
  readonly #waiting = new Set<Waiting>();
  #watching = false;

  constructor(waitMsMax: number, clock: Clock) {
    this.#waitMsMax = waitMsMax;
    this.#clock = clock;
  }

  /**
   * What `durable` resolves with, or `stream_unavailable` when that takes too long. Only the waiting ends: what was handed over is
   * still on its way, so the sender must send it again with the same id, or accept that it may be there twice.
   */
  within<T>(durable: Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const waiting: Waiting = { dueMs: this.#clock.monotonicMs() + this.#waitMsMax, giveUp: reject };
    this.#waiting.add(waiting);
    durable.then(
      (value) => {
        this.#waiting.delete(waiting);
        resolve(value);
      },
      (error: unknown) => {
        this.#waiting.delete(waiting);
        reject(error);
      },
    );
    if (!this.#watching) void this.#watch();
    return promise;
  }

  /** Ends the timer; who still waits is not given up any more. */
  close(): void {
    this.#closing.abort(new Error('The gateway has stopped.'));
  }

  async #watch(): Promise<void> {
    this.#watching = true;
    for (let [oldest] = this.#waiting; oldest; [oldest] = this.#waiting) {
      const leftMs = oldest.dueMs - this.#clock.monotonicMs();
      if (leftMs > 0) {
        if (!(await this.#slept(leftMs))) return;
      } else {
        this.#waiting.delete(oldest);
        oldest.giveUp(unconfirmed());
      }
    }
    this.#watching = false;
  }

  /** False: closed. */
  async #slept(ms: number): Promise<boolean> {
    try {
      await this.#clock.sleep(ms, this.#closing.signal);
      return true;
    } catch {
      return false;
    }
  }
}

function unconfirmed(): MillraceError {
  return new MillraceError(
    'stream_unavailable',
    'Kafka has not confirmed in time. The messages may be stored or not; send them again with the same ids.',
  );
}
