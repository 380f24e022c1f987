/** Lets keys begin that were given to a session, no faster than a broker or a plant can bear. Pure. */
import { TokenBucket } from '@millrace/kernel';
import type { Holdings } from './holdings.ts';

export class Starts {
  readonly #bucket: TokenBucket;
  #nextMs = Infinity;

  /** A second's worth may begin at once. */
  constructor(perSecond: number, nowMs: number) {
    this.#bucket = new TokenBucket(perSecond, Math.max(1, perSecond), nowMs);
  }

  /** When the next may begin; infinite when none waits for that. */
  get nextMs(): number {
    return this.#nextMs;
  }

  begin(holdings: Holdings, session: string, nowMs: number): void {
    this.#nextMs = Infinity;
    for (const key of holdings.waiting) {
      if (!holdings.isWanted(key)) continue;
      const waitMs = this.#bucket.take(1, nowMs);
      if (waitMs > 0) return void (this.#nextMs = nowMs + waitMs);
      holdings.begin(key, session);
    }
  }
}
