/**
 * Whether this instance reaches Kafka, without which it can neither pass on a message nor acknowledge one. Who has not for a lease
 * time takes no connections; who has not for two, while others take some, gives no more sign of life: its leases end, and those others
 * take what it had. When nobody reaches Kafka nothing is given up, because nobody could do better.
 */
import { MillraceError } from '@millrace/contracts';
import { type Clock, Rounds } from '@millrace/kernel';
import type { Capacity, LeaseReply, LeaseRequest, LeaseStore } from '@millrace/leases';
import type { Emitter } from '@millrace/observe';
import type { clientManagerEvents } from '../client-manager-events.ts';

const asksPerTtl = 3;
const notAcceptingTtls = 1;
/** Later than all have said that they accept nothing, when it is away for all. */
const givingUpTtls = 2;

export interface KafkaReachParts {
  /** Asks Kafka something small; rejects when it does not answer. */
  readonly ask: () => Promise<unknown>;
  readonly ttlMs: number;
  readonly clock: Clock;
  readonly events: Pick<Emitter<typeof clientManagerEvents>, 'streamLost' | 'streamFound'>;
}

export class KafkaReach {
  readonly #parts: KafkaReachParts;
  readonly #rounds: Rounds;
  #reachedMs: number;
  /** When the question was asked that is on its way; -Infinity: none. */
  #askedMs = Number.NEGATIVE_INFINITY;
  #gaveUpMs: number | undefined;

  constructor(parts: KafkaReachParts) {
    this.#parts = parts;
    this.#reachedMs = parts.clock.monotonicMs();
    this.#rounds = new Rounds({ pauseMs: parts.ttlMs / asksPerTtl, round: () => this.#ask(), clock: parts.clock });
  }

  start(): void {
    this.#reachedMs = this.#parts.clock.monotonicMs();
    this.#rounds.start();
  }

  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  /** Before it gives up those it has it takes no more. */
  capacityOf(capacity: Capacity): Capacity {
    const { connectionsMax, accepting } = capacity;
    return { connectionsMax, accepting: accepting && this.#lostMs < this.#parts.ttlMs * notAcceptingTtls };
  }

  /** The store as who does not reach Kafka may use it. `othersAccept`: whether another instance takes connections. */
  guarded(store: LeaseStore, othersAccept: () => boolean): LeaseStore {
    return {
      ask: async (request: LeaseRequest): Promise<LeaseReply> => {
        if (this.#givesUp(othersAccept))
          throw new MillraceError('stream_unavailable', 'Others reach Kafka and this instance does not.');
        return store.ask(request);
      },
      onHint: (hint) => store.onHint(hint),
    };
  }

  get #lostMs(): number {
    return this.#parts.clock.monotonicMs() - this.#reachedMs;
  }

  #givesUp(othersAccept: () => boolean): boolean {
    const { ttlMs, clock, events } = this.#parts;
    if (this.#gaveUpMs !== undefined) return true;
    if (this.#lostMs < ttlMs * givingUpTtls || !othersAccept()) return false;
    this.#gaveUpMs = clock.monotonicMs();
    events.streamLost({ lostMs: Math.round(this.#lostMs) });
    return true;
  }

  /** The answer counts from when it was asked for. A question that hangs is followed by another one after a lease time. */
  #ask(): void {
    const { ask, clock, ttlMs } = this.#parts;
    const askedMs = clock.monotonicMs();
    if (askedMs - this.#askedMs < ttlMs) return;
    this.#askedMs = askedMs;
    const ended = (): void => {
      if (this.#askedMs === askedMs) this.#askedMs = Number.NEGATIVE_INFINITY;
    };
    ask()
      .then(() => this.#reached(askedMs))
      .then(ended, ended);
  }

  #reached(askedMs: number): void {
    const { clock, events } = this.#parts;
    this.#reachedMs = Math.max(this.#reachedMs, askedMs);
    if (this.#gaveUpMs === undefined) return;
    events.streamFound({ awayMs: Math.round(clock.monotonicMs() - this.#gaveUpMs) });
    this.#gaveUpMs = undefined;
  }
}
