/** Things that must not last too long. One timer for all of them: they may last equally long, so the oldest is due first. */
import type { Clock } from '@millrace/kernel';

export class Deadlines<T> {
  readonly #lastMsMax: number;
  readonly #clock: Clock;
  readonly #onDue: (item: T) => void;
  readonly #closing = new AbortController();
  /** In the order in which they are due. */
  readonly #dueMs = new Map<T, number>();
  #watching = false;

  /** `onDue` hears of each item once, unless it was ended or started anew before. */
  constructor(lastMsMax: number, clock: Clock, onDue: (item: T) => void) {
    this.#lastMsMax = lastMsMax;
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** From now on; an item that was started before begins anew. */
  start(item: T): void {
    this.#dueMs.delete(item);
    this.#dueMs.set(item, this.#clock.monotonicMs() + this.#lastMsMax);
    if (!this.#watching) void this.#watch();
  }

  end(item: T): void {
    this.#dueMs.delete(item);
  }

  /** Ends the timer; nothing is due any more. */
  close(): void {
    this.#closing.abort(new Error('Nothing is due any more.'));
  }

  async #watch(): Promise<void> {
    this.#watching = true;
    for (let [oldest] = this.#dueMs; oldest; [oldest] = this.#dueMs) {
      const [item, dueMs] = oldest;
      const leftMs = dueMs - this.#clock.monotonicMs();
      if (leftMs > 0) {
        if (!(await this.#slept(leftMs))) return;
      } else {
        this.#dueMs.delete(item);
        this.#onDue(item);
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
