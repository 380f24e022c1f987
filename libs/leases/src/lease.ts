/** What the holder of a key has in hand. */
import type { Clock } from '@millrace/kernel';
import type { Held } from './holdings.ts';
import type { Session } from './session.ts';

export interface Lease {
  readonly key: string;
  readonly session: string;
  /** Asked after what has effect was done and before it is acknowledged. Also true while the holder closes a key that it has to give away. */
  isValid(): boolean;
  /** Aborted when it is over: nothing may have effect any more. */
  readonly ended: AbortSignal;
}

export class HeldLease implements Lease {
  readonly held: Held;
  readonly #session: Session;
  readonly #clock: Clock;
  readonly #ending = new AbortController();

  constructor(held: Held, session: Session, clock: Clock) {
    this.held = held;
    this.#session = session;
    this.#clock = clock;
  }

  get key(): string {
    return this.held.key;
  }

  get session(): string {
    return this.held.session;
  }

  get ended(): AbortSignal {
    return this.#ending.signal;
  }

  isValid(): boolean {
    return !this.ended.aborted && this.#session.isValid(this.#clock.monotonicMs());
  }

  end(): void {
    this.#ending.abort(new Error('The lease is over.'));
  }
}
