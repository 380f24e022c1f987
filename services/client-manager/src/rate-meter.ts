/** How fast a count grows: the mean of the last ten seconds. */
const windowMs = 10_000;

/** Points kept of the window: more would only make the mean smoother. */
const samplesMax = 20;

export class RateMeter {
  #samples: { readonly atMs: number; readonly total: number }[] = [];

  /** Takes the count as it is now; called as often as one likes. Monotonic milliseconds. */
  sample(total: number, atMs: number): void {
    const last = this.#samples.at(-1);
    if (last !== undefined && atMs - last.atMs < windowMs / samplesMax) return;
    this.#samples.push({ atMs, total });
    if (this.#samples.length > samplesMax + 1) this.#samples.shift();
  }

  /** 0 until there are two samples. */
  get perSecond(): number {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (first === undefined || last === undefined || first === last) return 0;
    return ((last.total - first.total) * 1000) / (last.atMs - first.atMs);
  }
}
