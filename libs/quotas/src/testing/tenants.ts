/** Tenants whose quotas a test sets. */
import type { TenantConfig, TenantQuotas } from '@millrace/contracts';
import type { TenantDirectory } from '../rate-quota.ts';

export class TestTenants implements TenantDirectory {
  readonly #tenants = new Map<string, TenantConfig>();
  version = 0;

  tenant(tenant: string): TenantConfig | undefined {
    return this.#tenants.get(tenant);
  }

  set(tenant: string, quotas: Partial<TenantQuotas> | null, state = 'active'): this {
    const none = {
      devices: null,
      messagesPerSecond: null,
      pointsPerSecond: null,
      scriptCpuMsPerSecond: null,
      storageDays: null,
    };
    const rest = { name: '', retentionClass: '90d', ownTable: false, state };
    this.#tenants.set(tenant, { tenant, ...rest, quotas: quotas && { ...none, ...quotas } });
    this.version += 1;
    return this;
  }
}
