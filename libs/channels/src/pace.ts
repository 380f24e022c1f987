/** How often a receiver may be asked: so many times in any stretch of so long. */
import type { Clock } from '@millrace/kernel';

export class Pace {
  readonly #timesMax: number;
  readonly #stretchMs: number;
  readonly #clock: Clock;
  /** When it was asked, oldest first, within the last stretch. */
  readonly #askedMs: number[] = [];
  #closedUntilMs = 0;

  constructor(timesMax: number, stretchMs: number, clock: Clock) {
    this.#timesMax = timesMax;
    this.#stretchMs = stretchMs;
    this.#clock = clock;
  }

  /** Milliseconds until it may be asked again; 0: now. */
  get pauseMs(): number {
    const nowMs = this.#clock.monotonicMs();
    while ((this.#askedMs[0] ?? Infinity) <= nowMs - this.#stretchMs) this.#askedMs.shift();
    const full = this.#askedMs.length >= this.#timesMax;
    const roomMs = full ? (this.#askedMs[0] ?? 0) + this.#stretchMs - nowMs : 0;
    return Math.max(roomMs, this.#closedUntilMs - nowMs, 0);
  }

  /** It is asked now. */
  take(): void {
    this.#askedMs.push(this.#clock.monotonicMs());
  }

  /** It said that it was asked too often: it is left alone for a stretch. */
  exceeded(): void {
    this.#closedUntilMs = this.#clock.monotonicMs() + this.#stretchMs;
  }
}
