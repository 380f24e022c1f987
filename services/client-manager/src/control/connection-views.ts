/** Connections as they are answered: as configured, without secrets, and how they are doing. */
import { type Configuration, viewOf } from '@millrace/config';
import type { ConnectionReport } from '../managed-connection.ts';
import type { Cluster } from './cluster.ts';
import type { ConnectionReports } from './connection-reports.ts';
import type { StoredConnection } from './connection-store.ts';

export type ConnectionView = Readonly<Record<string, unknown>>;

export class ConnectionViews {
  readonly #configuration: Pick<Configuration, 'tenant'>;
  readonly #cluster: Cluster;
  readonly #reports: ConnectionReports;

  constructor(configuration: Pick<Configuration, 'tenant'>, cluster: Cluster, reports: ConnectionReports) {
    this.#configuration = configuration;
    this.#cluster = cluster;
    this.#reports = reports;
  }

  async of(stored: readonly StoredConnection[]): Promise<readonly ConnectionView[]> {
    const { ownerOf } = this.#cluster.view();
    const owners = stored.map(({ key }) => ownerOf(key));
    const reports = await this.#reports.of(new Map(stored.map(({ key }, index) => [key, owners[index]])));
    return stored.map((one, index) => this.#view(one, owners[index], reports.get(one.key)));
  }

  /** Those that this instance owns. */
  ownedBy(instance: string, stored: readonly StoredConnection[]): readonly StoredConnection[] {
    const { ownerOf } = this.#cluster.view();
    return stored.filter(({ key }) => ownerOf(key) === instance);
  }

  #view(
    stored: StoredConnection,
    owner: string | undefined,
    report: ConnectionReport | null | undefined,
  ): ConnectionView {
    const { config } = stored;
    return {
      tenant: config.tenant,
      ...viewOf('connections', config),
      instance: owner ?? null,
      state: report?.state ?? this.#stateOf(stored, owner, report === null),
      since: report?.since ?? null,
      epoch: report?.epoch ?? null,
      lastError: report?.lastError ?? null,
      received: report?.received ?? 0,
      acknowledged: report?.acknowledged ?? 0,
      unacknowledged: report?.unacknowledged ?? 0,
      receivedPerSecond: report?.receivedPerSecond ?? 0,
      acknowledgedPerSecond: report?.acknowledgedPerSecond ?? 0,
    };
  }

  /** Of one that nobody reports. `isAnswered`: its owner answers. */
  #stateOf({ config }: StoredConnection, owner: string | undefined, isAnswered: boolean): string {
    const { enabled, tenant } = config;
    if (!enabled) return 'disabled';
    if ((this.#configuration.tenant(tenant)?.state ?? 'active') !== 'active') return 'suspended';
    if (owner === undefined) return 'not_in_use';
    return isAnswered ? 'opening' : 'unknown';
  }
}
