/** Whether a tenant may hand over messages now: asked once for each batch, whatever protocol it came by. */
import { MillraceError } from '@millrace/contracts';
import { rateExceeded } from './quota-error.ts';
import type { QuotaWatch } from './quota-watch.ts';
import type { RateQuota, TenantDirectory } from './rate-quota.ts';

export interface MessageGateParts {
  readonly tenants: TenantDirectory;
  /** Of messages per second. */
  readonly quota: Pick<RateQuota, 'name' | 'take' | 'giveBack'>;
  readonly watch: Pick<QuotaWatch, 'heldOff'>;
}

export class MessageGate {
  readonly #parts: MessageGateParts;

  constructor(parts: MessageGateParts) {
    this.#parts = parts;
  }

  /** Takes them from the quota, or throws `quota_exceeded`, `tenant_suspended` or `tenant_deleted`, all or none. */
  admit(tenant: string, messages: number): void {
    const { tenants, quota, watch } = this.#parts;
    const refusal = refusalOfState(tenants, tenant);
    if (refusal) throw refusal;
    const shortage = quota.take(tenant, messages);
    if (!shortage) return;
    watch.heldOff(tenant, quota.name, shortage.limit, messages);
    throw rateExceeded(quota.name, shortage);
  }

  /** They were admitted, and nothing came of it. */
  giveBack(tenant: string, messages: number): void {
    this.#parts.quota.giveBack(tenant, messages);
  }
}

/** Why nothing is taken from the tenant; undefined: it is active. One that the configuration does not have yet is active. */
export function refusalOfState(tenants: Pick<TenantDirectory, 'tenant'>, tenant: string): MillraceError | undefined {
  const state = tenants.tenant(tenant)?.state ?? 'active';
  if (state === 'active') return undefined;
  if (state === 'deleted') return new MillraceError('tenant_deleted', `The tenant ${tenant} was deleted.`);
  return new MillraceError('tenant_suspended', `The tenant ${tenant} is suspended; ask the operator.`);
}
