/** The connections that shall have an owner: switched on, of tenants that are active. */
import type { ConnectionConfig, TenantConfig } from '@millrace/contracts';

export interface ConnectionsConfigured {
  /** Counts the changes of all that is configured. */
  readonly version: number;
  /** By key `tenant/connectionId`. */
  readonly connections: ReadonlyMap<string, ConnectionConfig>;
  tenant(tenant: string): Pick<TenantConfig, 'state'> | undefined;
}

export class EnabledConnections {
  readonly #configuration: ConnectionsConfigured;
  readonly #ownsTenant: (tenant: string) => boolean;
  #keys: ReadonlySet<string> = new Set();
  #seen = -1;
  #version = 0;

  constructor(configuration: ConnectionsConfigured, ownsTenant: (tenant: string) => boolean) {
    this.#configuration = configuration;
    this.#ownsTenant = ownsTenant;
  }

  /** Counts the changes of `keys`. */
  get version(): number {
    this.keys();
    return this.#version;
  }

  keys(): ReadonlySet<string> {
    const { version, connections } = this.#configuration;
    if (version === this.#seen) return this.#keys;
    this.#seen = version;
    const keys = new Set<string>();
    for (const [key, config] of connections) if (this.#runs(config)) keys.add(key);
    if (keys.size !== this.#keys.size || [...keys].some((key) => !this.#keys.has(key))) {
      this.#keys = keys;
      this.#version += 1;
    }
    return this.#keys;
  }

  /** A tenant whose configuration is not there yet counts as active: its connection's is. */
  #runs({ enabled, tenant }: ConnectionConfig): boolean {
    if (!enabled || !this.#ownsTenant(tenant)) return false;
    return (this.#configuration.tenant(tenant)?.state ?? 'active') === 'active';
  }
}
