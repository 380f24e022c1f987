/** One process of an instance: the real machine, a clock that drifts, a holder, and all that can happen to a process. */
import type { Held } from '../../holdings.ts';
import { LeaseMachine } from '../../lease-machine.ts';
import type { LeaseReply } from '../../lease-store.ts';
import type { LeaseOptions } from '../../machine-parts.ts';
import { countedEvents, type EventName } from '../counted-events.ts';
import { assertAlone, type Believer, type Open } from './exclusivity.ts';
import { Link, type LinkParts } from './link.ts';
import { plan } from './plan.ts';

export interface ProcessParts extends LinkParts {
  readonly name: string;
  readonly token: () => string;
  readonly connectionsMax: number;
  readonly all: () => Iterable<Believer>;
  readonly keys: ReadonlySet<string>;
  readonly onEvent: (name: EventName, fields: Readonly<Record<string, unknown>>) => void;
  /** The holder's part in a hand-over, for the length of gaps. */
  readonly onFinished: (key: string) => void;
  readonly onBegun: (key: string) => void;
  readonly options: LeaseOptions;
  /** A planted mistake: says that it has closed a key before it has. */
  readonly finishesEarly: boolean;
}

export class SimProcess implements Believer {
  readonly name: string;
  readonly open: Map<string, Open> = new Map();
  readonly link: Link;
  readonly machine: LeaseMachine;
  readonly #parts: ProcessParts;
  readonly #rate: number;
  readonly #baseMs: number;
  wallJumpMs = 0;
  accepting = true;
  #keys: ReadonlySet<string>;
  #keysVersion = 0;
  #isRunning = true;
  #pausedUntilMs = 0;
  readonly #pending: (() => void)[] = [];
  #request = 0;
  #awaits = false;
  #wake = 0;
  #seenVersion = 0;
  #isLeaving = false;

  constructor(parts: ProcessParts) {
    const { name, time, random } = parts;
    this.name = name;
    this.#parts = parts;
    this.link = new Link(parts);
    this.#rate = 1 + random.between(-plan.driftMax, plan.driftMax);
    this.#baseMs = random.between(0, 1e6);
    this.#keys = parts.keys;
    this.machine = new LeaseMachine({
      instance: name,
      url: name,
      clock: { monotonicMs: () => this.monotonicMs(), nowMs: () => time.nowMs + this.wallJumpMs },
      random: random.next,
      token: parts.token,
      options: parts.options,
      keys: () => this.#keys,
      keysVersion: () => this.#keysVersion,
      capacity: () => ({ connectionsMax: parts.connectionsMax, accepting: this.accepting }),
      events: countedEvents(new Map(), parts.onEvent),
    });
    this.#step();
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  monotonicMs(): number {
    return this.#baseMs + this.#parts.time.nowMs * this.#rate;
  }

  /** What exists, as this process has heard. */
  configure(keys: () => ReadonlySet<string>): void {
    this.#when(() => {
      this.#keys = keys();
      this.#keysVersion += 1;
      this.#step();
    });
  }

  hint(): void {
    this.#when(() => {
      this.machine.hint();
      this.#step();
    });
  }

  kill(): void {
    if ([...this.open.values()].some(({ session }) => session.isValid(this.monotonicMs())))
      this.#parts.tally.add('crash while holding');
    this.#isRunning = false;
  }

  /** Everything that is due waits, then happens in any order. */
  freeze(ms: number): void {
    const { time, tally } = this.#parts;
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, time.nowMs + ms);
    time.at(this.#pausedUntilMs, () => {
      if (!this.#isRunning || time.nowMs < this.#pausedUntilMs) return;
      if (this.open.size > 0 && this.machine.session.validUntilMs <= this.monotonicMs())
        tally.add('thaw past the lease');
      const pending = this.#pending.splice(0);
      while (pending.length > 0) pending.splice(this.#parts.random.whole(0, pending.length - 1), 1)[0]!();
      this.#step();
    });
  }

  /** As on SIGTERM: gives away what it can in a while, closes the rest, leaves. */
  leave(): void {
    this.#when(() => {
      this.#isLeaving = true;
      this.machine.retire();
      this.#parts.time.after(2 * plan.ttlMs, () => this.#when(() => this.#close()));
      this.#step();
    });
  }

  #close(): void {
    this.open.clear();
    this.machine.order({ kind: 'leave' }, () => {
      this.#parts.tally.add('left cleanly');
      this.#isRunning = false;
    });
    this.#parts.time.after(plan.ttlMs, () => (this.#isRunning = false));
    this.#isLeaving = false;
    this.#seenVersion = Infinity;
    this.#step();
  }

  #step(): void {
    const { time } = this.#parts;
    if (this.#awaits) this.machine.tick();
    else {
      const request = this.machine.next();
      if (request) this.#ask(request);
    }
    this.#hold();
    this.#wake += 1;
    const wake = this.#wake;
    const wakeMs = this.#awaits ? this.machine.session.validUntilMs : this.machine.wakeAtMs;
    if (wakeMs === Infinity) return;
    const lateMs = this.#parts.random.between(0.1, 5);
    time.at(Math.max(time.nowMs, (wakeMs - this.#baseMs) / this.#rate) + lateMs, () => {
      if (wake === this.#wake) this.#when(() => this.#step());
    });
  }

  #ask(request: Parameters<Link['send']>[0]): void {
    const { time } = this.#parts;
    this.#awaits = true;
    this.#request += 1;
    const number = this.#request;
    const isAwaited = (): boolean => this.#isRunning && this.#awaits && this.#request === number;
    const settle = (reply?: LeaseReply): void =>
      this.#when(() => {
        if (!isAwaited()) return;
        this.#awaits = false;
        if (reply) this.machine.answered(reply);
        else this.machine.failed();
        this.#step();
      });
    this.link.send(request, isAwaited, settle);
    time.after(plan.ttlMs / 3 / this.#rate, () => settle());
  }

  /** The holder: opens and closes what the machine says. */
  #hold(): void {
    const { machine } = this;
    if (machine.version === this.#seenVersion || this.#seenVersion === Infinity) return;
    this.#seenVersion = machine.version;
    for (const [key, open] of this.open)
      if (open.session !== machine.session) this.open.delete(key);
      else if (!open.closing && machine.held.get(key) !== open.held) this.#closeKey(key, open);
    for (const [key, held] of machine.held) if (this.open.get(key)?.held !== held) this.#begin(key, held);
  }

  #begin(key: string, held: Held): void {
    const { all, time, onBegun } = this.#parts;
    assertAlone(this, key, all(), time.nowMs);
    this.open.set(key, { held, session: this.machine.session, closing: false });
    onBegun(key);
  }

  #closeKey(key: string, open: Open): void {
    const { time, random, onFinished, finishesEarly } = this.#parts;
    open.closing = true;
    if (finishesEarly) this.machine.finished(key, () => undefined);
    time.after(random.between(0, plan.closeMsMax), () =>
      this.#when(() => {
        if (this.open.get(key) !== open) return;
        this.open.delete(key);
        onFinished(key);
        this.machine.finished(key, () => undefined);
        this.#step();
      }),
    );
  }

  /** Now, or when it thaws; never after its end. */
  #when(happen: () => void): void {
    if (!this.#isRunning) return;
    if (this.#parts.time.nowMs < this.#pausedUntilMs) this.#pending.push(happen);
    else happen();
  }
}
