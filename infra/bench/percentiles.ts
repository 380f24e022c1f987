/** Percentiles of durations in milliseconds, from a histogram with 1 % wide buckets: constant memory for any number of values. */
const base = 1.01;
const smallestMs = 0.01;

export class Percentiles {
  readonly #counts: number[] = [];
  #total = 0;

  get total(): number {
    return this.#total;
  }

  add(durationMs: number): void {
    const bucket = Math.max(0, Math.ceil(Math.log(Math.max(durationMs, smallestMs) / smallestMs) / Math.log(base)));
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#total += 1;
  }

  /** The upper edge of the bucket that holds the value of rank `share` (0..1); NaN without values. */
  at(share: number): number {
    let rest = share * this.#total;
    for (const [bucket, count] of this.#counts.entries()) {
      rest -= count ?? 0;
      if (rest <= 0 && count) return smallestMs * base ** bucket;
    }
    return Number.NaN;
  }
}
