/** Work that comes again after a pause for as long as a service runs: one round at a time, and none outlives the end. */
import type { Clock } from './clock.ts';

export interface RoundsOptions {
  /** Before each round, the first too. */
  readonly pauseMs: number;
  /** What it throws is a defect and nobody's to catch: it deals with what may be away. */
  readonly round: (signal: AbortSignal) => Promise<void> | void;
  readonly clock: Clock;
}

export class Rounds {
  readonly #options: RoundsOptions;
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(options: RoundsOptions) {
    this.#options = options;
  }

  /** Aborted once it is stopped. */
  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Aborts the round that runs; resolves when it has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('The service stops.'));
    await this.#running;
  }

  async #run(): Promise<void> {
    const { pauseMs, round, clock } = this.#options;
    for (;;) {
      await clock.sleep(pauseMs, this.signal).catch(() => undefined);
      if (this.signal.aborted) return;
      await round(this.signal);
    }
  }
}
