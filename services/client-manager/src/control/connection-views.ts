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
    const reports = await this.#reports.of(stored.map(({ key }) => key));
    return stored.map((one) => this.#view(one, reports.get(one.key)));
  }

  ownerOf({ key }: StoredConnection): string | undefined {
    return this.#cluster.view().ownerOf(key);
  }

  #view(stored: StoredConnection, report: ConnectionReport | null | undefined): ConnectionView {
    const { config } = stored;
    return {
      tenant: config.tenant,
      ...viewOf('connections', config),
      instance: this.ownerOf(stored) ?? null,
      state: report?.state ?? this.#stateOf(stored, report === null),
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
  #stateOf(stored: StoredConnection, isAnswered: boolean): string {
    const { enabled, tenant } = stored.config;
    if (!enabled) return 'disabled';
    if ((this.#configuration.tenant(tenant)?.state ?? 'active') !== 'active') return 'suspended';
    if (this.ownerOf(stored) === undefined) return 'not_in_use';
    return isAnswered ? 'opening' : 'unknown';
  }
}
