/**
 * What holds floods back where devices come in without a key of a program: a rate for each name that they show from one address, few
 * wrong credentials for it, and few requests at a time in all, because each takes one of ten connections to PostgreSQL.
 */
import { MillraceError } from '@millrace/contracts';
import { GuessLimit } from '@millrace/gateways';
import { type Clock, TokenBucket } from '@millrace/kernel';

const inFlightMax = 4;
/** A shift's devices are switched on together; more than that are told to come again. */
const perSecond = 10;
const reserve = 100;
/** About half a megabyte. Whoever shows more names than this at a time gets a full reserve again, and in-flight requests bound that. */
const namesMax = 1_000;

export class RequestGate {
  readonly #clock: Clock;
  readonly #guesses: GuessLimit;
  /** Oldest first. */
  readonly #rates = new Map<string, TokenBucket>();
  #inFlight = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#guesses = new GuessLimit(clock);
  }

  /** `name`: whose credential is shown, as far as it says. Throws `overloaded`, `too_many_attempts` and what `work` throws. */
  async pass<T>(remote: string, name: string, work: () => Promise<T>): Promise<T> {
    const who = `${remote} ${name}`;
    if (this.#inFlight >= inFlightMax || this.#rateOf(who).take(1, this.#clock.monotonicMs()) > 0)
      throw new MillraceError('overloaded', 'Too many devices ask at the same time; try again in a moment.');
    this.#guesses.check(who);
    this.#inFlight += 1;
    try {
      return await work();
    } catch (error) {
      if (error instanceof MillraceError && error.code === 'unauthenticated') this.#guesses.wrong(who);
      throw error;
    } finally {
      this.#inFlight -= 1;
    }
  }

  #rateOf(who: string): TokenBucket {
    const known = this.#rates.get(who);
    if (known) return known;
    if (this.#rates.size >= namesMax) this.#rates.delete(this.#rates.keys().next().value ?? '');
    const made = new TokenBucket(perSecond, reserve, this.#clock.monotonicMs());
    this.#rates.set(who, made);
    return made;
  }
}
