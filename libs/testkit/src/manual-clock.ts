/** A clock that stands still until the test moves it. */
import type { Clock } from '@millrace/kernel';

interface Sleeper {
  readonly wakeMs: number;
  wake(): void;
}

export class ManualClock implements Clock {
  #nowMs: number;
  #sleepers: readonly Sleeper[] = [];

  constructor(startMs = 0) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const sleeper = { wakeMs: this.#nowMs + ms, wake: resolve };
    const abort = (): void => {
      this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
      reject(signal?.reason);
    };
    this.#sleepers = [...this.#sleepers, sleeper];
    signal?.addEventListener('abort', abort, { once: true });
    await promise;
    signal?.removeEventListener('abort', abort);
  }

  /** How many sleep: a test waits for it before it moves the time. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  /** Lets what can go on without time do so, then moves the time; whoever is due wakes at its own time and runs until it waits again. */
  async advance(ms: number): Promise<void> {
    await settleMicrotasks();
    const endMs = this.#nowMs + ms;
    for (let next = this.#nextUntil(endMs); next; next = this.#nextUntil(endMs)) {
      this.#nowMs = next.wakeMs;
      this.#sleepers = this.#sleepers.filter((other) => other !== next);
      next.wake();
      await settleMicrotasks();
    }
    this.#nowMs = endMs;
    await settleMicrotasks();
  }

  #nextUntil(endMs: number): Sleeper | undefined {
    return this.#sleepers.filter(({ wakeMs }) => wakeMs <= endMs).toSorted((a, b) => a.wakeMs - b.wakeMs)[0];
  }
}

/** Lets every promise that can settle without time do so. */
function settleMicrotasks(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
