/** Begins and ends what the ownership of connections rests on, in the order that it needs. */
import type { ClaimLog } from '@millrace/ingest';
import type { Leases, RedisLeaseStore } from '@millrace/leases';
import type { KafkaReach } from './kafka-reach.ts';
import type { LeasedOwnership } from './leased-ownership.ts';

/** What giving everything away may take: with the closing of what is left and the leaving it must fit into the 20 s of a stop. */
const retireMsMax = 6_000;

export interface OwningParts {
  readonly claims: ClaimLog;
  readonly store: RedisLeaseStore;
  readonly reach: KafkaReach;
  readonly leases: Leases;
  readonly ownership: LeasedOwnership;
}

export class Owning {
  readonly #parts: OwningParts;
  readonly #stopping = new AbortController();
  #joining: Promise<unknown> = Promise.resolve();

  constructor(parts: OwningParts) {
    this.#parts = parts;
  }

  /** Resolves when the claims are read; joins the others as soon as Redis answers. */
  async start(): Promise<void> {
    const { claims, reach, leases, ownership } = this.#parts;
    await claims.start(this.#stopping.signal);
    reach.start();
    ownership.start();
    this.#joining = leases.start(this.#stopping.signal).catch(() => undefined);
  }

  /** Gives to the others what they can take, connection by connection, while everything still runs. */
  async retire(): Promise<void> {
    await this.#parts.leases.retire(AbortSignal.timeout(retireMsMax));
  }

  /** After everything is closed. */
  async stop(): Promise<void> {
    const { claims, store, reach, leases, ownership } = this.#parts;
    await ownership.stop();
    this.#stopping.abort();
    await this.#joining;
    await leases.stop();
    await reach.stop();
    await claims.stop();
    store.close();
  }
}
