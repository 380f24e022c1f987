/** One change of a connection at a time, over all instances. */
import { randomUUID } from 'node:crypto';
import { MillraceError } from '@millrace/contracts';
import type { Clock } from '@millrace/kernel';

/** Kafka answers within milliseconds; a change that takes longer gives up, long before its turn can be another's. */
export const workMsMax = 8_000;
const turnMsMax = 2 * workMsMax;
/** Who waits for longer is told to try again. */
const waitMsMax = 5_000;
const askMs = 50;

export abstract class WriteTurns {
  /** Runs the work when no other change of the key runs. Its signal aborts when the turn is nearly over. Throws `overloaded`. */
  abstract inTurn<T>(key: string, work: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

/** Within this process. */
export class LocalTurns extends WriteTurns {
  readonly #last = new Map<string, Promise<unknown>>();

  override async inTurn<T>(key: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const turn = before.catch(() => undefined).then(() => work(AbortSignal.timeout(workMsMax)));
    this.#last.set(key, turn);
    try {
      return await turn;
    } finally {
      if (this.#last.get(key) === turn) this.#last.delete(key);
    }
  }
}

/** What is used of Redis. */
export interface TurnStore {
  set(key: string, value: string, px: 'PX', ms: number, nx: 'NX'): Promise<unknown>;
  eval(script: string, keys: number, key: string, value: string): Promise<unknown>;
}

const release = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

/**
 * Over all instances. A Redis that loses its memory in the middle of a change, or a process that stands still for longer than
 * its turn, may let two changes meet; who writes notices that afterwards (`ConnectionStore.write`).
 */
export class RedisTurns extends WriteTurns {
  readonly #store: TurnStore;
  readonly #clock: Clock;
  readonly #local = new LocalTurns();

  constructor(store: TurnStore, clock: Clock) {
    super();
    this.#store = store;
    this.#clock = clock;
  }

  override inTurn<T>(key: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#local.inTurn(key, async () => {
      const name = `millrace:{connection-turns}:${key}`;
      const token = randomUUID();
      await this.#take(name, token);
      try {
        return await work(AbortSignal.timeout(workMsMax));
      } finally {
        await this.#store.eval(release, 1, name, token).catch(() => undefined);
      }
    });
  }

  async #take(name: string, token: string): Promise<void> {
    const endMs = this.#clock.monotonicMs() + waitMsMax;
    while (!(await this.#isTaken(name, token))) {
      if (this.#clock.monotonicMs() > endMs)
        throw new MillraceError('overloaded', 'Another change of this connection is not over; try again.');
      await this.#clock.sleep(askMs);
    }
  }

  async #isTaken(name: string, token: string): Promise<boolean> {
    try {
      return (await this.#store.set(name, token, 'PX', turnMsMax, 'NX')) === 'OK';
    } catch (error) {
      throw new MillraceError('cache_unavailable', 'Redis does not answer; try again.', { cause: error });
    }
  }
}
