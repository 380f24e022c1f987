/** Which table holds a tenant's points, as the configuration says now. */
import { asMillraceError, MillraceError, type TenantConfig } from '@millrace/contracts';
import type { Configuration } from '@millrace/config';
import type { Clock } from '@millrace/kernel';
import { pointsTableOf, sharedPointsTables, type TableDefinition } from '@millrace/timeseries';
import type { TableStore } from './table-store.ts';

/** How long a tenant may be missing: its configuration may be on its way. */
const unknownMsMax = 5_000;

/** Unknown tenants remembered; a broken sender that invents names must not fill the memory. */
const unknownTenantsMax = 1_000;

export interface TenantTablesOptions {
  readonly configuration: Pick<Configuration, 'version' | 'tenant' | 'tenants' | 'isDeleted'>;
  /** Called once for each table. */
  readonly open: (table: TableDefinition) => TableStore;
  readonly clock: Clock;
}

export class TenantTables {
  readonly #options: TenantTablesOptions;
  readonly #stores = new Map<string, TableStore>();
  readonly #unknownSinceMs = new Map<string, number>();
  #byTenant = new Map<string, TableStore>();
  #version = -1;

  constructor(options: TenantTablesOptions) {
    this.#options = options;
  }

  /**
   * Throws `not_ready` for a tenant that the configuration may still be about to name, then `unknown_tenant`;
   * `configuration_invalid` for a retention class that does not exist. Undefined: the tenant was deleted, nothing of it is stored.
   */
  storeOf(tenant: string): TableStore | undefined {
    const { configuration } = this.#options;
    if (this.#version !== configuration.version) {
      this.#version = configuration.version;
      this.#byTenant = new Map();
    }
    const known = this.#byTenant.get(tenant);
    if (known) return known;
    const config = configuration.tenant(tenant);
    if (!config) throw this.#unknown(tenant);
    if (configuration.isDeleted(tenant)) return undefined;
    this.#unknownSinceMs.delete(tenant);
    const store = this.#open(pointsTableOf(config));
    this.#byTenant.set(tenant, store);
    return store;
  }

  /** Every table there has to be: the shared ones, and those of tenants that asked for one. */
  definitions(): readonly TableDefinition[] {
    const ofTenants = this.#tenants().flatMap(tablesOfTenant);
    return [...new Map([...sharedPointsTables, ...ofTenants].map((table) => [table.name, table])).values()];
  }

  /** The tables of one tenant each; how long they keep points is the configuration's. */
  ownDefinitions(): readonly TableDefinition[] {
    return this.#tenants()
      .filter(({ ownTable }) => ownTable)
      .flatMap(tablesOfTenant);
  }

  /** The tables that were used. */
  stores(): Iterable<TableStore> {
    return this.#stores.values();
  }

  /** Tables of those that were deleted must not be made again. */
  #tenants(): readonly TenantConfig[] {
    const { configuration } = this.#options;
    return [...configuration.tenants.values()].filter(({ tenant }) => !configuration.isDeleted(tenant));
  }

  #open(table: TableDefinition): TableStore {
    const store = this.#stores.get(table.name) ?? this.#options.open(table);
    this.#stores.set(table.name, store);
    return store;
  }

  #unknown(tenant: string): MillraceError {
    const nowMs = this.#options.clock.monotonicMs();
    const sinceMs = this.#unknownSinceMs.get(tenant) ?? nowMs;
    if (nowMs - sinceMs >= unknownMsMax)
      return new MillraceError('unknown_tenant', `The configuration has no tenant ${tenant}.`);
    if (this.#unknownSinceMs.size >= unknownTenantsMax) this.#unknownSinceMs.clear();
    this.#unknownSinceMs.set(tenant, sinceMs);
    return new MillraceError('not_ready', `The configuration of tenant ${tenant} is not there yet.`);
  }
}

/** None for a tenant whose configuration makes no sense: its records become dead letters, the others go on. */
function tablesOfTenant(tenant: TenantConfig): readonly TableDefinition[] {
  try {
    return [pointsTableOf(tenant)];
  } catch (error) {
    if (asMillraceError(error).code === 'configuration_invalid') return [];
    throw error;
  }
}
