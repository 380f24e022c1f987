/** Tells of tenants that reach a quota: at once, and then once a minute at most. */
import type { TenantQuotas } from '@millrace/contracts';
import type { Clock } from '@millrace/kernel';
import { type Emitter, emitterOf, type Log, type Metrics } from '@millrace/observe';
import { quotaEvents } from './quota-events.ts';
import { quotaMetrics } from './quota-metrics.ts';

const quietMs = 60_000;

/** Time series of one process: those who reach a quota are few, but nobody promises it. */
const tenantsShownMax = 100;
/** No tenant has this name. */
const otherTenants = '_others';

export class QuotaWatch {
  readonly #emit: Emitter<typeof quotaEvents>;
  readonly #clock: Clock;
  readonly #counts = new Map<string, Map<keyof TenantQuotas, number>>();
  /** What was not told yet, by quota and tenant. */
  readonly #untold = new Map<string, { toldMs: number; messages: number }>();

  constructor(log: Log, metrics: Metrics, clock: Clock) {
    this.#emit = emitterOf(quotaEvents, log, metrics);
    this.#clock = clock;
    metrics.counted(quotaMetrics.heldOff, () =>
      [...this.#counts].flatMap(([tenant, ofTenant]) =>
        [...ofTenant].map(([quota, value]) => ({ labels: { tenant, quota }, value })),
      ),
    );
  }

  /** Messages that were not taken, or not taken now. */
  heldOff(tenant: string, quota: keyof TenantQuotas, limit: number, messages: number): void {
    this.#count(tenant, quota, messages);
    const key = `${quota} ${tenant}`;
    const nowMs = this.#clock.monotonicMs();
    const untold = this.#untold.get(key);
    if (untold && nowMs - untold.toldMs < quietMs) {
      untold.messages += messages;
      return;
    }
    this.#untold.set(key, { toldMs: nowMs, messages: 0 });
    this.#emit.quotaReached({ tenant, quota, limit, messages: messages + (untold?.messages ?? 0) });
  }

  #count(tenant: string, quota: keyof TenantQuotas, messages: number): void {
    const shown = this.#counts.has(tenant) || this.#counts.size < tenantsShownMax ? tenant : otherTenants;
    const ofTenant = this.#counts.get(shown) ?? new Map<keyof TenantQuotas, number>();
    this.#counts.set(shown, ofTenant);
    ofTenant.set(quota, (ofTenant.get(quota) ?? 0) + messages);
  }
}
