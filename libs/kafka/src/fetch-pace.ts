/**
 * Keeps fetches an interval apart while there is little to fetch each time: the records of an interval are then handled
 * together, which costs commits, transactions and requests once instead of many times. The rest comes after the work, so a
 * lone record is handled at once. Who is behind does not rest, and neither does the fetch it is part of.
 */
import { type Clock, systemClock } from '@millrace/kernel';

export class FetchPace {
  readonly #intervalMs: number;
  readonly #clock: Clock;
  #handlers = 0;
  #restUntilMs = 0;
  #hurry = Promise.withResolvers<void>();

  /** 0: no rest. */
  constructor(intervalMs: number, clock: Clock = systemClock) {
    this.#intervalMs = intervalMs;
    this.#clock = clock;
  }

  /** A handler begins; the first of a fetch begins the interval. `isBehind`: there was more to fetch than came. */
  begin(isBehind: boolean): void {
    // The next fetch comes when all handlers of this one have ended and rested.
    if (this.#handlers === 0) {
      this.#restUntilMs = this.#clock.monotonicMs() + this.#intervalMs;
      this.#hurry = Promise.withResolvers();
    }
    this.#handlers += 1;
    if (isBehind) {
      this.#restUntilMs = 0;
      this.#hurry.resolve();
    }
  }

  /** After the handler's end, whatever became of it: resolves when the next fetch may come, or the signal is aborted. */
  async rest(signal: AbortSignal): Promise<void> {
    try {
      const restMs = this.#restUntilMs - this.#clock.monotonicMs();
      if (restMs > 0 && !signal.aborted)
        await Promise.race([this.#clock.sleep(restMs, signal), this.#hurry.promise]).catch(() => undefined);
    } finally {
      this.#handlers -= 1;
    }
  }
}
