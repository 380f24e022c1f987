/**
 * Owns what this instance has a lease for, each connection under a claim of its own: the lease is looked at again after the claim,
 * and who is superseded claims again if the lease is still its own.
 */
import type { ClaimLog, Fences } from '@millrace/ingest';
import { type Clock, retrying, Rounds } from '@millrace/kernel';
import type { Lease, Leases } from '@millrace/leases';
import type { Emitter } from '@millrace/observe';
import type { clientManagerEvents } from '../client-manager-events.ts';
import { OwnedConnection } from './owned-connection.ts';
import type { Owned, Ownership } from './ownership.ts';

/** Comparing two counters, mostly. */
const lookMs = 50;

/** Kafka is away: it comes back in seconds, and the lease ends the waiting. */
const retryDelays = { delayMsMin: 100, delayMsMax: 2_000 };

export interface LeasedOwnershipParts {
  readonly instance: string;
  readonly leases: Pick<Leases, 'version' | 'held' | 'leaving' | 'finished'>;
  readonly claims: Pick<ClaimLog, 'claim' | 'confirm' | 'release' | 'remove' | 'supersededSignal'>;
  readonly fences: Pick<Fences, 'write'>;
  /** Undefined: the connection was deleted. */
  readonly sharing: (key: string) => boolean | undefined;
  readonly events: Emitter<typeof clientManagerEvents>;
  readonly clock: Clock;
}

export class LeasedOwnership implements Ownership {
  readonly #parts: LeasedOwnershipParts;
  readonly #owned = new Map<string, OwnedConnection>();
  /** Leases whose claims are on their way. */
  readonly #claiming = new Map<string, { readonly lease: Lease; readonly ending: AbortController }>();
  /** What is not owned any more, and still open. */
  readonly #closing = new Set<string>();
  readonly #work = new Set<Promise<void>>();
  readonly #rounds: Rounds;
  #version = 0;

  constructor(parts: LeasedOwnershipParts) {
    this.#parts = parts;
    this.#rounds = new Rounds({ pauseMs: lookMs, round: () => this.#look(), clock: parts.clock });
  }

  start(): void {
    this.#rounds.start();
  }

  /** After the fleet has closed everything. */
  async stop(): Promise<void> {
    await this.#rounds.stop();
    this.#look();
    await Promise.all(this.#work);
  }

  get version(): number {
    return this.#version;
  }

  of(key: string): Owned | undefined {
    return this.#owned.get(key);
  }

  opened(owned: Owned): void {
    (owned as OwnedConnection).isOpen = true;
  }

  async closed(owned: Owned): Promise<void> {
    const connection = owned as OwnedConnection;
    connection.isOpen = false;
    if (this.#owned.get(owned.key) !== connection) await this.#giveUp(connection);
  }

  #look(): void {
    const { leases } = this.#parts;
    const held = leases.held();
    for (const [key, owned] of this.#owned)
      if (held.get(key) !== owned.lease || owned.ended.aborted) this.#disown(owned);
    for (const [key, { lease, ending }] of this.#claiming) if (held.get(key) !== lease) ending.abort();
    // Came and went between two looks, or before it was claimed.
    for (const key of leases.leaving().keys())
      if (!this.#claiming.has(key) && !this.#closing.has(key)) this.#do(leases.finished(key));
    if (this.#rounds.signal.aborted) return;
    for (const [key, lease] of held)
      if (!this.#owned.has(key) && !this.#claiming.has(key) && !this.#closing.has(key)) this.#do(this.#claim(lease));
  }

  #disown(owned: OwnedConnection): void {
    this.#owned.delete(owned.key);
    this.#closing.add(owned.key);
    this.#version += 1;
    if (!owned.isOpen) this.#do(this.#giveUp(owned));
  }

  async #claim(lease: Lease): Promise<void> {
    const { instance, claims, sharing, events, clock } = this.#parts;
    const { key } = lease;
    const ending = new AbortController();
    const ended = AbortSignal.any([lease.ended, ending.signal, this.#rounds.signal]);
    this.#claiming.set(key, { lease, ending });
    const onRetry = (error: unknown, attempt: number): void => events.claimFailed({ connection: key, error, attempt });
    const claim = (): Promise<number> => claims.claim(key, { instance, shared: sharing(key) ?? false }, ended);
    try {
      const options = { ...retryDelays, clock, onRetry, retryable: () => true };
      const epoch = await retrying(claim, options, ended);
      const owned = new OwnedConnection({ ...this.#parts, lease, epoch, onRetry });
      if (lease.isValid() && this.#holds(lease)) {
        this.#owned.set(key, owned);
        this.#version += 1;
      } else await this.#giveUp(owned);
    } catch (error) {
      if (!ended.aborted) throw error;
    } finally {
      this.#claiming.delete(key);
    }
  }

  /** A lease that is over needs no release: others have waited for its end. */
  async #giveUp(owned: OwnedConnection): Promise<void> {
    const { claims, leases, sharing, events } = this.#parts;
    const { key, epoch, lease } = owned;
    try {
      if (owned.isValid() && !this.#holds(lease))
        await (sharing(key) === undefined ? claims.remove(key, lease.ended) : claims.release(key, epoch, lease.ended));
    } catch (error) {
      events.claimFailed({ connection: key, error, attempt: 1 });
    }
    this.#closing.delete(key);
    if (!this.#holds(lease)) await leases.finished(key);
  }

  #holds(lease: Lease): boolean {
    return this.#parts.leases.held().get(lease.key) === lease;
  }

  #do(work: Promise<void>): void {
    const done = work.finally(() => this.#work.delete(done));
    this.#work.add(done);
  }
}
