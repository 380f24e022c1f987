/** Open-loop pacing: how much is due by now, whatever the answers do, so that a slow system cannot slow the load down. */
export class Rate {
  readonly #perSecond: number;
  readonly #startedMs: number;
  #taken = 0;

  /** `perSecond` 0 means: always one more. */
  constructor(perSecond: number, startedMs: number) {
    this.#perSecond = perSecond;
    this.#startedMs = startedMs;
  }

  /** Takes `count` when that many are due. */
  take(count: number, nowMs: number): boolean {
    if (this.#perSecond > 0 && this.behind(nowMs) < count) return false;
    this.#taken += count;
    return true;
  }

  behind(nowMs: number): number {
    if (this.#perSecond === 0) return 0;
    return Math.floor(((nowMs - this.#startedMs) / 1_000) * this.#perSecond) - this.#taken;
  }
}
