/**
 * Asks again and again, with care: the next question waits for the answer to the last, a page that nobody sees asks nothing,
 * and an api that does not answer is asked less and less often.
 */

export interface PollingOptions {
  readonly everyMs: number;
  readonly ask: () => Promise<void>;
  readonly onFailure: (error: Error) => void;
}

const retryMsMax = 10_000;

export class Polling {
  readonly #options: PollingOptions;
  #timer: number | undefined;
  #failures = 0;
  #isAsking = false;
  #isStopped = false;

  constructor(options: PollingOptions) {
    this.#options = options;
    document.addEventListener('visibilitychange', this.#onVisibility);
    void this.#ask();
  }

  /** Asks at once, unless a question is on its way. */
  now(): void {
    clearTimeout(this.#timer);
    void this.#ask();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    document.removeEventListener('visibilitychange', this.#onVisibility);
  }

  readonly #onVisibility = (): void => {
    if (document.hidden) clearTimeout(this.#timer);
    else this.now();
  };

  async #ask(): Promise<void> {
    if (this.#isAsking || this.#isStopped || document.hidden) return;
    this.#isAsking = true;
    let waitMs = this.#options.everyMs;
    try {
      await this.#options.ask();
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      waitMs = Math.min(retryMsMax, Math.max(waitMs, 500 * 2 ** this.#failures));
      if (!this.#isStopped) this.#options.onFailure(error as Error);
    }
    this.#isAsking = false;
    if (this.#isStopped || document.hidden) return;
    this.#timer = window.setTimeout(() => void this.#ask(), waitMs);
  }
}
