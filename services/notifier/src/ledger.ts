/**
 * What is known of deliveries, from the ledger topic and from this process. The same attempt may be told several times and in
 * any order (the follower reads what this process has just written): the furthest state wins.
 */
import type { NotificationAttempt } from '@millrace/contracts';
import { type Clock, systemClock } from '@millrace/kernel';
import type { LedgerEntry, Outcome } from './attempt-policy.ts';
import { deliveryName } from './delivery.ts';

/** Older events are not told any more, so what became of them need not be known: yesterday's alarm mail helps nobody. */
export const eventMsMax = 24 * 3_600_000;

/** About 300 bytes each. When there are more, the oldest are forgotten; they were committed long ago. */
const eventsMax = 500_000;

/** Ends outrank everything, `delivered` also a given up attempt whose answer came late. */
const ranks: Readonly<Record<Outcome, number>> = { started: 0, failed: 1, abandoned: 2, delivered: 3 };

type Deliveries = Map<string, LedgerEntry>;

export class Ledger {
  readonly #clock: Clock;
  /** By event id in hex, oldest first. */
  readonly #events = new Map<string, Deliveries>();

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  apply({ eventId, channelId, recipient, attempt, outcome, timeMicros }: NotificationAttempt): void {
    const timeMs = timeMicros / 1_000;
    if (timeMs < this.#clock.nowMs() - eventMsMax) return;
    const deliveries = this.#deliveriesOf(eventId.toString('hex'));
    const name = deliveryName({ channelId, recipient });
    const before = deliveries.get(name);
    const entry = { attempt, outcome, timeMs };
    if (before === undefined || isFurther(entry, before)) deliveries.set(name, entry);
  }

  entryOf(eventId: string, name: string): LedgerEntry | undefined {
    return this.#events.get(eventId)?.get(name);
  }

  /** Deliveries that were started and have no end: in flight somewhere, or cut off by the end of a process. */
  get unfinished(): number {
    let count = 0;
    for (const deliveries of this.#events.values())
      for (const { outcome } of deliveries.values()) if (outcome === 'started') count += 1;
    return count;
  }

  #deliveriesOf(eventId: string): Deliveries {
    let deliveries = this.#events.get(eventId);
    if (!deliveries) {
      deliveries = new Map();
      this.#events.set(eventId, deliveries);
      this.#forgetOld();
    }
    return deliveries;
  }

  #forgetOld(): void {
    const oldestMs = this.#clock.nowMs() - eventMsMax;
    for (const [eventId, deliveries] of this.#events) {
      const isOld = deliveries.size > 0 && [...deliveries.values()].every(({ timeMs }) => timeMs < oldestMs);
      if (!isOld && this.#events.size <= eventsMax) return;
      this.#events.delete(eventId);
    }
  }
}

function isFurther(one: LedgerEntry, other: LedgerEntry): boolean {
  const [ended, otherEnded] = [hasEnded(one), hasEnded(other)];
  if (ended !== otherEnded) return ended;
  if (!ended && one.attempt !== other.attempt) return one.attempt > other.attempt;
  if (ranks[one.outcome] !== ranks[other.outcome]) return ranks[one.outcome] > ranks[other.outcome];
  return one.attempt > other.attempt;
}

function hasEnded({ outcome }: LedgerEntry): boolean {
  return outcome === 'delivered' || outcome === 'abandoned';
}
