/**
 * A rate with a reserve: tokens come at a steady rate up to a reserve, and work takes them. Work of any size is let through while
 * there is anything left, and what it takes beyond that is a debt: so nothing is too large for a small rate, and the mean is exact
 * all the same. Pure: times are handed in, milliseconds of one clock, and one that goes back changes nothing.
 */
export class TokenBucket {
  #perSecond: number;
  #reserve: number;
  #tokens: number;
  #atMs: number;

  /** Full at first. `perSecond` and `reserve` are above 0; the reserve is in tokens. */
  constructor(perSecond: number, reserve: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#reserve = reserve;
    this.#tokens = reserve;
    this.#atMs = nowMs;
  }

  /** Nothing can be taken now. */
  isEmpty(nowMs: number): boolean {
    this.#fill(nowMs);
    return this.#tokens <= 0;
  }

  /** 0: it was taken; else nothing was, and it is the time in ms after which something can be. */
  take(tokens: number, nowMs: number): number {
    const waitMs = this.waitMs(0, nowMs);
    if (waitMs === 0) this.#tokens -= tokens;
    return waitMs;
  }

  /** 0: more is there than comes in `keptSeconds`; else the time in ms after which that is so. Takes nothing. */
  waitMs(keptSeconds: number, nowMs: number): number {
    this.#fill(nowMs);
    const missing = keptSeconds * this.#perSecond - this.#tokens;
    return missing < 0 ? 0 : Math.ceil((missing / this.#perSecond) * 1_000) + 1;
  }

  /** Takes whatever is there, also nothing: for work whose cost is known when it is done. */
  spend(tokens: number, nowMs: number): void {
    this.#fill(nowMs);
    this.#tokens -= tokens;
  }

  /** Nothing came of what was taken. */
  giveBack(tokens: number): void {
    this.#tokens = Math.min(this.#reserve, this.#tokens + tokens);
  }

  /** From now on; what is there beyond the new reserve is lost, a debt stays. */
  change(perSecond: number, reserve: number, nowMs: number): void {
    this.#fill(nowMs);
    this.#perSecond = perSecond;
    this.#reserve = reserve;
    this.#tokens = Math.min(reserve, this.#tokens);
  }

  #fill(nowMs: number): void {
    if (nowMs <= this.#atMs) return;
    this.#tokens = Math.min(this.#reserve, this.#tokens + ((nowMs - this.#atMs) / 1_000) * this.#perSecond);
    this.#atMs = nowMs;
  }
}
