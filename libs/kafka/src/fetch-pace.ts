/**
 * Lets at most one fetch's handlers begin per interval. A lone record is handled at once; under load the records of an
 * interval are handled together, which costs commits, transactions and requests once instead of many times. Who is behind
 * does not wait, and neither does the fetch it is part of.
 */
import { type Clock, systemClock } from '@millrace/kernel';

export class FetchPace {
  readonly #intervalMs: number;
  readonly #clock: Clock;
  #handlers = 0;
  #beginMs = -Infinity;
  #hurry = Promise.withResolvers<void>();

  /** 0: handlers begin at once. */
  constructor(intervalMs: number, clock: Clock = systemClock) {
    this.#intervalMs = intervalMs;
    this.#clock = clock;
  }

  /**
   * Resolves when the handler may begin, at the same time for all of one fetch; `end` follows, whatever became of it.
   * `isBehind`: there was more to fetch than came.
   */
  begin(isBehind: boolean, signal: AbortSignal): Promise<void> | undefined {
    const nowMs = this.#clock.monotonicMs();
    // The next fetch comes when all handlers of this one have ended.
    if (this.#handlers === 0) this.#beginFetch(nowMs);
    this.#handlers += 1;
    if (isBehind) {
      this.#beginMs = nowMs;
      this.#hurry.resolve();
    }
    const waitMs = this.#beginMs - nowMs;
    return waitMs > 0 ? Promise.race([this.#clock.sleep(waitMs, signal), this.#hurry.promise]) : undefined;
  }

  end(): void {
    this.#handlers -= 1;
  }

  #beginFetch(nowMs: number): void {
    this.#beginMs = Math.max(nowMs, this.#beginMs + this.#intervalMs);
    this.#hurry = Promise.withResolvers();
  }
}
