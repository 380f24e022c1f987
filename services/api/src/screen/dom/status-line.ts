/** Says whether what is on the screen is live, since when it is not, and which parts of the platform are down. */
import { byId, setText } from './element.ts';

/** An answer that is older is not the present any more. */
const staleMs = 6_000;
const tickMs = 1_000;

export class StatusLine {
  readonly #state = byId('live');
  readonly #banner = byId('banner');
  readonly #main = byId('main');
  #answeredMs = Date.now();
  #failure: Error | undefined;
  #problems: readonly string[] = [];
  readonly #timer: number;

  constructor() {
    this.#timer = window.setInterval(() => {
      if (!document.hidden) this.#show();
    }, tickMs);
    this.#show();
  }

  answered(problems: readonly string[]): void {
    this.#answeredMs = Date.now();
    this.#failure = undefined;
    this.#problems = problems;
    this.#show();
  }

  failed(error: Error): void {
    this.#failure = error;
    this.#show();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #show(): void {
    const nowMs = Date.now();
    const isStale = nowMs - this.#answeredMs > staleMs || this.#failure !== undefined;
    const clock = new Date(this.#answeredMs).toLocaleTimeString('en-GB');
    this.#state.className = isStale ? 'live stale' : this.#problems.length > 0 ? 'live troubled' : 'live';
    setText(this.#state, isStale ? `Not live since ${clock}` : `Live ${clock}`);
    this.#main.classList.toggle('stale', isStale);
    this.#showBanner(isStale, clock);
  }

  /** No countdown in it: a screen reader reads every change. */
  #showBanner(isStale: boolean, clock: string): void {
    const why = this.#failure ? ` ${this.#failure.message} It is asked again by itself.` : '';
    const text = isStale ? `What you see is from ${clock}.${why}` : this.#problems.join(' ');
    this.#banner.className = isStale ? 'banner stale' : 'banner';
    this.#banner.hidden = text === '';
    setText(this.#banner, text);
  }
}
