/**
 * The time between two rebalances of the group: what was fetched in it may be settled in it and not later, because
 * kafkajs would commit it in the name of the next one, for a partition that may be somebody else's.
 */
import { streamUnavailable } from './kafka-errors.ts';

export class Assignment {
  readonly #ending = new AbortController();
  #revoked: unknown;

  /** Aborted when the assignment ends or the consumer stops. */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  get isRevoked(): boolean {
    return this.#revoked !== undefined;
  }

  /** The partitions may belong to others from now on. `cause` makes kafkajs join the group again. */
  revoke(cause: unknown): void {
    this.#revoked ??= cause;
    this.#ending.abort(streamUnavailable('The partition was revoked.', cause));
  }

  /** The consumer stops: handlers may end early, and what they settled is still committed. */
  stop(): void {
    this.#ending.abort(streamUnavailable('The consumer stops.'));
  }

  /** Throws the cause of the revocation. */
  throwIfRevoked(): void {
    if (this.#revoked !== undefined) throw this.#revoked;
  }
}

/** Makes kafkajs join the group again, where a broker that went away cannot tell it to. */
export class SessionLost extends Error {
  readonly type = 'REBALANCE_IN_PROGRESS';
  override readonly name = 'SessionLost';
}
