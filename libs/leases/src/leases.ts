/**
 * The leases of one instance: drives the machine by a clock and a store. The holder opens what comes into `held`, closes what leaves it, says
 * so by `finished`, and asks each lease whether it is valid before it acknowledges anything.
 */
import { randomUUID } from 'node:crypto';
import { asMillraceError, MillraceError } from '@millrace/contracts';
import { type Clock, orAborted } from '@millrace/kernel';
import { type ClusterView, type InstanceView, viewOf } from './cluster-view.ts';
import { HeldLease, type Lease } from './lease.ts';
import { LeaseMachine } from './lease-machine.ts';
import type { ChangeStatus, LeaseRequest, LeaseStore } from './lease-store.ts';
import type { MachineParts } from './machine-parts.ts';
import type { Session } from './session.ts';

export interface LeasesParts extends Omit<MachineParts, 'clock' | 'token'> {
  readonly store: LeaseStore;
  readonly clock: Clock;
}

export class Leases {
  readonly #parts: LeasesParts;
  readonly #machine: LeaseMachine;
  readonly #held = new Map<string, HeldLease>();
  /** Have left `held`, and the holder is closing them. */
  readonly #closing = new Map<string, HeldLease>();
  readonly #stopping = new AbortController();
  readonly #joined = Promise.withResolvers<void>();
  #machineVersion = 0;
  #session: Session | undefined;
  #version = 0;
  #waking = new AbortController();
  #storeLostMs: number | undefined;
  #running: Promise<unknown> = Promise.resolve();

  constructor(parts: LeasesParts) {
    this.#parts = parts;
    this.#machine = new LeaseMachine({ ...parts, token: randomUUID });
    parts.store.onHint(() => {
      this.#machine.hint();
      this.#wake();
    });
  }

  /** Resolves when the instance has joined the others, however long Redis is away. */
  async start(signal: AbortSignal): Promise<void> {
    this.#running = Promise.all([this.#run(), this.#watch()]);
    await orAborted(this.#joined.promise, signal);
  }

  /** Counts the changes of `held`. */
  get version(): number {
    this.#refresh();
    return this.#version;
  }

  /** What the holder shall have open; empty as soon as the lease is over. */
  held(): ReadonlyMap<string, Lease> {
    this.#refresh();
    return this.#held;
  }

  /** What has left `held` and is to be `finished`: also what left so soon that the holder never saw it there. */
  leaving(): ReadonlyMap<string, Lease> {
    this.#refresh();
    return this.#closing;
  }

  /**
   * The holder has closed a key that left `held`: its lease is over now. Resolves when it is another's, or is offered again because
   * nobody could take it.
   */
  finished(key: string): Promise<void> {
    this.#closing.get(key)?.end();
    this.#closing.delete(key);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#machine.finished(key, resolve);
    this.#wake();
    return promise;
  }

  view(): ClusterView {
    const { clock, keys } = this.#parts;
    return viewOf(this.#machine.cluster, keys(), this.#machine.session.token, clock.monotonicMs());
  }

  /** Who should be given the next one; undefined: nobody has room. */
  leastLoaded(): InstanceView | undefined {
    const { cluster, session } = this.#machine;
    const least = cluster.loads.least(cluster.living(this.#parts.clock.monotonicMs(), session.token));
    return this.view().instances.find((one) => one.session === least);
  }

  /** Resolves when the move is wanted, not when it is done. Throws `not_found`, `conflict`, `overloaded`, `cache_unavailable`. */
  async move(key: string, instance: string): Promise<void> {
    const status = await this.#order((to) => ({ kind: 'move', key, to }), instance);
    if (status === 'not_in_use')
      throw new MillraceError('conflict', 'Nobody has the connection: it is placed as soon as there is room.');
    if (status === 'no_room') throw new MillraceError('overloaded', `Instance ${instance} takes no more connections.`);
  }

  /** The instance gives away what it has, as long as others have room; or takes part again. Errors as `move`. */
  async drain(instance: string, on: boolean): Promise<void> {
    await this.#order((target) => ({ kind: 'drain', target, on }), instance);
  }

  /** Before a stop: gives away what it has. Resolves when all is given away, nobody can take more, or the signal is aborted. */
  async retire(signal: AbortSignal): Promise<void> {
    const { clock, options } = this.#parts;
    this.#machine.retire();
    this.#wake();
    while (!signal.aborted && !this.#machine.isEmpty && this.#othersTakeSome())
      await clock.sleep(options.lookMs / 4, signal).catch(() => undefined);
  }

  /** After the holder has closed everything: what is left is free at once. Gives up on a Redis that is away for a ttl. */
  async stop(): Promise<void> {
    const { clock, options } = this.#parts;
    const { promise: left, resolve } = Promise.withResolvers<unknown>();
    if (this.#machine.hasJoined) {
      this.#machine.order({ kind: 'leave' }, resolve);
      this.#wake();
      await Promise.race([left, clock.sleep(options.ttlMs, this.#stopping.signal)]).catch(() => undefined);
    }
    this.#stopping.abort();
    await this.#running;
    for (const lease of [...this.#held.values(), ...this.#closing.values()]) lease.end();
    this.#held.clear();
    this.#version += 1;
  }

  async #run(): Promise<void> {
    const { clock } = this.#parts;
    while (!this.#stopping.signal.aborted) {
      const request = this.#machine.next();
      this.#refresh();
      if (request) await this.#ask(request);
      else {
        this.#waking = new AbortController();
        const until = AbortSignal.any([this.#stopping.signal, this.#waking.signal]);
        await clock.sleep(Math.max(1, this.#machine.wakeAtMs - clock.monotonicMs()), until).catch(() => undefined);
      }
    }
  }

  async #ask(request: LeaseRequest): Promise<void> {
    try {
      const reply = await this.#parts.store.ask(request);
      this.#machine.answered(reply);
      this.#storeAnswers();
    } catch (error) {
      this.#machine.failed();
      this.#storeFails(error);
    }
    this.#refresh();
    if (this.#machine.hasJoined) this.#joined.resolve();
  }

  /** Ends the leases in time also while an answer is awaited. */
  async #watch(): Promise<void> {
    const { clock, options } = this.#parts;
    while (!this.#stopping.signal.aborted) {
      const leftMs = this.#machine.session.validUntilMs - clock.monotonicMs();
      await clock.sleep(Math.min(Math.max(1, leftMs), options.lookMs), this.#stopping.signal).catch(() => undefined);
      this.#refresh();
    }
  }

  #wake(): void {
    this.#waking.abort();
  }

  /** What the machine holds, as leases. */
  #refresh(): void {
    this.#machine.tick();
    const { session, held, version } = this.#machine;
    if (version === this.#machineVersion && session === this.#session) return;
    this.#machineVersion = version;
    this.#session = session;
    this.#version += 1;
    for (const [key, lease] of this.#held) {
      if (held.get(key) === lease.held) continue;
      this.#held.delete(key);
      this.#closing.set(key, lease);
    }
    for (const [key, lease] of this.#closing)
      if (lease.session !== session.token) {
        lease.end();
        this.#closing.delete(key);
      }
    for (const [key, one] of held)
      if (!this.#held.has(key)) this.#held.set(key, new HeldLease(one, session, this.#parts.clock));
    // Begun and given away within one answer: nobody was offered it.
    for (const key of this.#machine.holdings.closing)
      if (!this.#closing.has(key)) this.#machine.finished(key, () => undefined);
  }

  async #order(
    order: (session: string) => Parameters<LeaseMachine['order']>[0],
    instance: string,
  ): Promise<ChangeStatus> {
    const { clock, options } = this.#parts;
    const target = this.view().instances.findLast((one) => one.instance === instance);
    if (!target) throw new MillraceError('not_found', `There is no instance ${instance}.`);
    const { promise, resolve } = Promise.withResolvers<ChangeStatus>();
    this.#machine.order(order(target.session), resolve);
    this.#wake();
    const late = clock.sleep(options.ttlMs, this.#stopping.signal).then(() => undefined);
    const status = await Promise.race([promise, late]);
    if (status === undefined) throw new MillraceError('cache_unavailable', 'Redis does not answer about leases.');
    if (status === 'no_such_session') throw new MillraceError('not_found', `Instance ${instance} is gone.`);
    return status;
  }

  #othersTakeSome(): boolean {
    const { cluster, session, holdings } = this.#machine;
    const living = cluster.living(this.#parts.clock.monotonicMs(), session.token);
    return holdings.leaving > 0 || cluster.loads.least(living, session.token) !== undefined;
  }

  #storeFails(error: unknown): void {
    if (this.#storeLostMs !== undefined) return;
    const nowMs = this.#parts.clock.monotonicMs();
    this.#storeLostMs = nowMs;
    const { code, message } = asMillraceError(error);
    const leaseMs = Math.round(this.#machine.session.validUntilMs - nowMs);
    this.#parts.events.storeLost({ code, reason: message, leaseMs: Number.isFinite(leaseMs) ? leaseMs : 0 });
  }

  #storeAnswers(): void {
    if (this.#storeLostMs === undefined) return;
    this.#parts.events.storeFound({ awayMs: Math.round(this.#parts.clock.monotonicMs() - this.#storeLostMs) });
    this.#storeLostMs = undefined;
  }
}
