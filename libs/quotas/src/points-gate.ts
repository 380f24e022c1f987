/** Which messages may become points: asked where points arise, once a message's points are known. */
import type { ErrorCode } from '@millrace/contracts';
import type { Clock } from '@millrace/kernel';
import type { QuotaWatch } from './quota-watch.ts';
import type { RateQuota } from './rate-quota.ts';

export interface PointsGateParts {
  /** Of points per second. */
  readonly quota: Pick<RateQuota, 'name' | 'take' | 'giveBack'>;
  readonly watch: Pick<QuotaWatch, 'heldOff'>;
  readonly clock: Pick<Clock, 'nowMs'>;
}

/** Why a message is put aside. */
export interface PointsRefusal {
  readonly code: ErrorCode & 'quota_exceeded';
  readonly detail: string;
}

export class PointsGate {
  readonly #parts: PointsGateParts;

  constructor(parts: PointsGateParts) {
    this.#parts = parts;
  }

  /** For some messages of a partition that are settled together. */
  charge(partition: number): PointsCharge {
    return new PointsCharge(this.#parts, partition);
  }
}

/**
 * What some messages take. Their time is that of their records in Kafka: a parser that catches up refuses no more than one that kept
 * pace would have, and what was put aside and is sent again later is a message of then.
 */
export class PointsCharge {
  readonly #parts: PointsGateParts;
  readonly #partition: number;
  readonly #nowMs: number;
  readonly #taken = new Map<string, number>();
  readonly #refused = new Map<string, { readonly limit: number; messages: number }>();

  constructor(parts: PointsGateParts, partition: number) {
    this.#parts = parts;
    this.#partition = partition;
    this.#nowMs = parts.clock.nowMs();
  }

  /** Undefined: the message's points were taken. `recordMs`: of its record, UTC; one of the future is of now. */
  take(tenant: string, points: number, recordMs: number): PointsRefusal | undefined {
    if (points === 0) return undefined;
    const shortage = this.#parts.quota.take(tenant, points, {
      name: this.#partition,
      nowMs: Math.min(recordMs, this.#nowMs),
    });
    if (!shortage) {
      this.#taken.set(tenant, (this.#taken.get(tenant) ?? 0) + points);
      return undefined;
    }
    const { limit } = shortage;
    const refused = this.#refused.get(tenant);
    if (refused) refused.messages += 1;
    else this.#refused.set(tenant, { limit, messages: 1 });
    return {
      code: 'quota_exceeded',
      detail: `The tenant may have ${limit} points per second, and this message came beyond them.`,
    };
  }

  /** The messages have their end. */
  settle(): void {
    const { quota, watch } = this.#parts;
    for (const [tenant, { limit, messages }] of this.#refused) watch.heldOff(tenant, quota.name, limit, messages);
  }

  /** Nothing became of them; they will come again. */
  undo(): void {
    for (const [tenant, points] of this.#taken) this.#parts.quota.giveBack(tenant, points, this.#partition);
  }
}
