/**
 * Decides what one instance asks of the store next, and learns from the answers: lives, watches the others, takes what is free, gives away
 * what is too much. Pure: no I/O and no timers; one request at a time, so that an answer is never older than the one before.
 */
import { Cluster } from './cluster.ts';
import { type Held, Holdings } from './holdings.ts';
import type { Change, ChangeReply, ChangeStatus, LeaseReply, LeaseRequest, LookReply } from './lease-store.ts';
import type { MachineParts } from './machine-parts.ts';
import { Membership } from './membership.ts';
import { Placement } from './placement.ts';
import type { Session } from './session.ts';
import { Starts } from './starts.ts';

/** What somebody asked for, and whom to tell. */
type Order = Extract<Change, { kind: 'move' | 'drain' | 'leave' }>;

/** Looks that hints ask for are at least so far apart, as a share of the usual pause. */
const hintShare = 1 / 20;

export class LeaseMachine {
  readonly #parts: MachineParts;
  readonly #cluster: Cluster;
  readonly #placement: Placement;
  readonly #holdings = new Holdings();
  readonly #membership: Membership;
  readonly #starts: Starts;
  readonly #orders: { order: Order; settle: (status: ChangeStatus) => void }[] = [];
  #asked: { request: LeaseRequest; session: Session; sentMs: number } | undefined;
  #keysVersion: number | undefined;
  #lookAtMs = 0;
  #lookedMs = -Infinity;
  #restUntilMs = 0;
  /** It was asked to forget this session, and may have. */
  #leaving = false;
  #left = false;

  constructor(parts: MachineParts) {
    this.#parts = parts;
    this.#cluster = new Cluster(parts.options.ttlMs);
    this.#placement = new Placement(this.#cluster, parts.events);
    this.#membership = new Membership(parts);
    this.#starts = new Starts(parts.options.startsPerSecond, parts.clock.monotonicMs());
  }

  get cluster(): Cluster {
    return this.#cluster;
  }

  get session(): Session {
    return this.#membership.session;
  }

  /** What the session holds; empty as soon as its lease is over. */
  get held(): ReadonlyMap<string, Held> {
    return this.#holdings.held;
  }

  get version(): number {
    return this.#holdings.version;
  }

  /** Nothing is held or on its way out. */
  get isEmpty(): boolean {
    return this.#holdings.held.size + this.#holdings.waiting.size + this.#holdings.leaving === 0;
  }

  get holdings(): Pick<Holdings, 'leaving' | 'closing'> {
    return this.#holdings;
  }

  get hasJoined(): boolean {
    const { memory } = this.#cluster;
    return memory !== undefined && this.session.hasJoined(memory);
  }

  /** Gives away what it has, from now on until it leaves. */
  retire(): void {
    this.#membership.retire();
  }

  hint(): void {
    const { lookMs } = this.#parts.options;
    this.#lookAtMs = Math.min(this.#lookAtMs, this.#lookedMs + lookMs * hintShare);
  }

  order(order: Order, settle: (status: ChangeStatus) => void): void {
    this.#orders.push({ order, settle });
  }

  /** See `Holdings.finished`. */
  finished(key: string, settle: () => void): void {
    this.#holdings.finished(key, settle);
  }

  /** Ends what is over and begins what may begin, by the clock alone. */
  tick(): void {
    const nowMs = this.#parts.clock.monotonicMs();
    if (this.session.isOver(nowMs)) this.#membership.end(nowMs, this.#dropAll());
    const version = this.#parts.keysVersion();
    if (version !== this.#keysVersion) this.#wantKeys(nowMs, version);
    if (this.session.isValid(nowMs)) this.#starts.begin(this.#holdings, this.session.token, nowMs);
  }

  /** What to ask now; it has to be `answered` or `failed` before the next one. */
  next(): LeaseRequest | undefined {
    this.tick();
    const nowMs = this.#parts.clock.monotonicMs();
    if (this.#left || nowMs < this.#restUntilMs) return undefined;
    const request = this.#choose(nowMs);
    if (request) this.#asked = { request, session: this.session, sentMs: nowMs };
    return request;
  }

  /** When `next` may have something that it has not now, on the monotonic clock. */
  get wakeAtMs(): number {
    const nowMs = this.#parts.clock.monotonicMs();
    const { token, renewAtMs, validUntilMs } = this.session;
    const byTime = Math.min(this.#lookAtMs, renewAtMs, this.#cluster.changesAtMs(nowMs, token));
    return Math.min(Math.max(byTime, this.#restUntilMs), this.#starts.nextMs, validUntilMs);
  }

  answered(reply: LeaseReply): void {
    const { request, session, sentMs } = this.#asked!;
    this.#asked = undefined;
    this.tick();
    const nowMs = this.#parts.clock.monotonicMs();
    if (reply.memory !== this.#cluster.memory) this.#beginMemory(reply.memory, nowMs);
    if (reply.kind === 'seen') this.#see(reply, nowMs);
    else if (request.kind !== 'look' && session === this.session) this.#changed(request, reply, sentMs, nowMs);
  }

  /** No answer came in time; what was asked for may still happen. */
  failed(): void {
    this.#asked = undefined;
    this.tick();
    const nowMs = this.#parts.clock.monotonicMs();
    this.#restUntilMs = nowMs + this.#parts.random() * (this.#parts.options.lookMs / 2);
    this.#lookAtMs = nowMs;
  }

  #choose(nowMs: number): LeaseRequest | undefined {
    const { memory, look } = this.#cluster;
    if (memory === undefined) return look;
    const isLookDue = nowMs >= this.#lookAtMs;
    const lives = this.session.hasJoined(memory) && nowMs < this.session.renewAtMs;
    // Before anything but the session's life is decided, what happened is seen.
    const change = isLookDue && lives ? undefined : this.#change(memory, nowMs);
    if (change) return { ...change, ...this.session.sign(memory) };
    return isLookDue ? look : undefined;
  }

  #change(memory: string, nowMs: number): Change | undefined {
    const session = this.session;
    if (!session.hasJoined(memory)) return this.#membership.join(this.#holdings.own());
    if (nowMs >= session.renewAtMs || this.#membership.hasChanged) return this.#membership.renew();
    const living = this.#cluster.living(nowMs, session.token);
    const handOver = this.#holdings.handOver();
    if (handOver) return { kind: 'handOver', living, ...handOver };
    const [first] = this.#orders;
    if (first) {
      if (first.order.kind === 'leave') this.#letGo();
      return first.order;
    }
    const { keys, keysVersion, options } = this.#parts;
    this.#placement.compare(keys(), keysVersion(), nowMs);
    const place = this.#placement.place(keys(), living, session.token, nowMs);
    if (place) return place;
    const movable = this.#holdings.movable(options.movesAtOnce - this.#holdings.leaving);
    return this.#placement.balance(movable, living, session.token, this.#membership.draining);
  }

  #see(reply: LookReply, nowMs: number): void {
    const { lookMs, ttlMs } = this.#parts.options;
    this.#cluster.see(reply, nowMs);
    this.#lookedMs = nowMs;
    this.#lookAtMs = nowMs + lookMs * (0.75 + 0.5 * this.#parts.random());
    if (!this.session.hasJoined(reply.memory) || this.#leaving) return;
    const { content } = this.#cluster;
    const { token } = this.session;
    if (reply.content) {
      const taken = this.#holdings.see(content, token);
      if (taken > 0) this.#parts.events.keysTaken({ instance: this.#parts.instance, keys: taken });
      this.#membership.compare(content.members);
      const drains = content.drains.get(token);
      if (drains !== undefined) this.#membership.drain(drains);
    }
    this.#holdings.want(this.#parts.keys(), nowMs, ttlMs);
    this.tick();
  }

  #changed(request: Change, { status, memory, keys }: ChangeReply, sentMs: number, nowMs: number): void {
    this.#lookAtMs = request.kind === 'renew' ? this.#lookAtMs : nowMs;
    if (status === 'lost' || status === 'stale') return;
    if (status === 'unknown') return this.#leaving ? this.#leave() : this.#membership.declaredDead(this.#dropAll());
    this.session.renewed(sentMs);
    if (this.session.isOver(nowMs)) return this.#membership.end(nowMs, this.#dropAll());
    switch (request.kind) {
      case 'join':
        for (const key of keys) this.#holdings.remove(key);
        return this.#membership.joined(memory, request.keys.length, keys.length);
      case 'handOver': {
        const gone = [...request.keys, ...request.drop];
        this.#holdings.handedOver(gone, new Set(keys));
        return this.#parts.events.keysHandedOver({ keys: gone.length - keys.length, kept: keys.length });
      }
      case 'place':
        return this.#placement.placed(request);
      case 'move':
      case 'drain':
      case 'leave':
        if (request.kind === 'leave') return this.#leave();
        return this.#orders.shift()?.settle(status);
      case 'renew':
      case 'balance':
    }
  }

  #beginMemory(memory: string, nowMs: number): void {
    const { events, instance } = this.#parts;
    const first = this.#cluster.memory === undefined;
    this.#cluster.begin(memory, nowMs);
    this.session.joined(undefined);
    this.#holdings.forgetHanding();
    if (!first) events.memoryLost({ instance, kept: this.#holdings.own().length });
  }

  #dropAll(): number {
    const { size } = this.held;
    this.#holdings.clear();
    return size;
  }

  /** From now on it may be somebody else's, whether an answer comes or not. */
  #letGo(): void {
    this.#leaving = true;
    this.#dropAll();
  }

  #leave(): void {
    this.#left = true;
    this.#membership.left();
    for (const { settle } of this.#orders.splice(0)) settle('done');
  }

  #wantKeys(nowMs: number, version: number): void {
    this.#keysVersion = version;
    this.#holdings.want(this.#parts.keys(), nowMs, this.#parts.options.ttlMs);
  }
}
