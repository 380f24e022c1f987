/** Whether a tenant's scripts may run now: asked before they are called, and told afterwards what they have cost. */
import type { MillraceError } from '@millrace/contracts';
import { rateExceeded } from './quota-error.ts';
import type { QuotaWatch } from './quota-watch.ts';
import type { RateQuota } from './rate-quota.ts';

export interface CpuGateParts {
  /** Of milliseconds of CPU time per second. */
  readonly quota: Pick<RateQuota, 'name' | 'shortage' | 'charge'>;
  readonly watch: Pick<QuotaWatch, 'heldOff'>;
}

/**
 * The last second of what is left is for the parked messages: fresh ones are parked before it is touched, so those that wait always
 * get on, and what was parked is worked off before anything else.
 */
const keptForParkedSeconds = 1;

export class CpuGate {
  readonly #parts: CpuGateParts;

  constructor(parts: CpuGateParts) {
    this.#parts = parts;
  }

  /** False: the messages are to be parked, and count as held off. */
  admitsFresh(tenant: string, messages: number): boolean {
    const { quota, watch } = this.#parts;
    const shortage = quota.shortage(tenant, keptForParkedSeconds);
    if (shortage) watch.heldOff(tenant, quota.name, shortage.limit, messages);
    return !shortage;
  }

  /** Undefined: parked messages of the tenant may be worked off. */
  refusalOfParked(tenant: string): MillraceError | undefined {
    const { quota } = this.#parts;
    const shortage = quota.shortage(tenant);
    return shortage && rateExceeded(quota.name, shortage);
  }

  /** CPU time of a call, also one that failed; beyond the quota it is a debt. */
  charge(tenant: string, cpuMs: number): void {
    this.#parts.quota.charge(tenant, cpuMs);
  }
}
