/** Makes guessing slow: after some wrong credentials for a name, from an address, no more are looked at for a while. */
import { MillraceError } from '@millrace/contracts';
import type { Clock } from '@millrace/kernel';

/** A person mistypes a few times; a device with an old password tries again and again. */
const wrongMax = 10;
export const guessWindowMs = 60_000;
/** About a megabyte. Whoever guesses for more names than this at a time has fewer guesses for each. */
const namesMax = 10_000;

interface Guesses {
  readonly endsAtMs: number;
  wrong: number;
}

export class GuessLimit {
  readonly #clock: Clock;
  /** In the order in which they end. */
  readonly #guesses = new Map<string, Guesses>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Throws `too_many_attempts`, whether the name exists or not. */
  check(name: string): void {
    const guesses = this.#guesses.get(name);
    if (!guesses || guesses.wrong < wrongMax) return;
    if (this.#clock.monotonicMs() < guesses.endsAtMs)
      throw new MillraceError('too_many_attempts', 'Wait for a minute, then send the right credential.');
    this.#guesses.delete(name);
  }

  wrong(name: string): void {
    const nowMs = this.#clock.monotonicMs();
    for (const [oldest, { endsAtMs }] of this.#guesses) {
      if (endsAtMs > nowMs && this.#guesses.size < namesMax) break;
      this.#guesses.delete(oldest);
    }
    const guesses = this.#guesses.get(name);
    if (guesses) guesses.wrong += 1;
    else this.#guesses.set(name, { endsAtMs: nowMs + guessWindowMs, wrong: 1 });
  }
}
