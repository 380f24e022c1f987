/** How long senders wait for their receipts. */
import { MillraceError } from '@millrace/contracts';
import type { Clock } from '@millrace/kernel';
import { Deadlines } from './deadlines.ts';

export class ConfirmationLimit {
  /** Of those who wait: how each is given up. */
  readonly #waiting: Deadlines<(error: MillraceError) => void>;

  constructor(waitMsMax: number, clock: Clock) {
    this.#waiting = new Deadlines(waitMsMax, clock, (giveUp) => giveUp(unconfirmed()));
  }

  /**
   * What `durable` resolves with, or `stream_unavailable` when that takes too long. Only the waiting ends: what was handed over is
   * still on its way, so the sender must send it again with the same id, or accept that it may be there twice.
   */
  within<T>(durable: Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#waiting.start(reject);
    durable.then(
      (value) => {
        this.#waiting.end(reject);
        resolve(value);
      },
      (error: unknown) => {
        this.#waiting.end(reject);
        reject(error);
      },
    );
    return promise;
  }

  /** Ends the timer; who still waits is not given up any more. */
  close(): void {
    this.#waiting.close();
  }
}

function unconfirmed(): MillraceError {
  return new MillraceError(
    'stream_unavailable',
    'Kafka has not confirmed in time. The messages may be stored or not; send them again with the same ids.',
  );
}
