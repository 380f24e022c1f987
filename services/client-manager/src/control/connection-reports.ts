/** How connections are doing, as those instances say that run them. */
import { MillraceError } from '@millrace/contracts';
import type { Forwarding } from '@millrace/platform/rest';
import type { ConnectionReport } from '../managed-connection.ts';
import type { Cluster } from './cluster.ts';
import type { ReachedCeiling } from './ceilings.ts';

/** An instance that does not answer within it is busy or away; the answer says so rather than waits. */
const answerMsMax = 2_000;

/** What an instance says of itself. */
export interface InstanceReport {
  readonly instance: string;
  readonly version: string;
  readonly ceilings: readonly ReachedCeiling[];
  readonly connections: readonly ConnectionReport[];
}

/** `keys`: of the connections that are meant. */
export type OwnReport = (keys: ReadonlySet<string>) => InstanceReport;

/** Behind it an instance answers the others; nobody else asks. */
export const reportPath = '/v1/instance-reports';

export class ConnectionReports {
  readonly #cluster: Cluster;
  readonly #own: OwnReport;
  readonly #forwarding: Pick<Forwarding, 'send'>;

  constructor(cluster: Cluster, own: OwnReport, forwarding: Pick<Forwarding, 'send'>) {
    this.#cluster = cluster;
    this.#own = own;
    this.#forwarding = forwarding;
  }

  /** `owners`: by key. By key, of those whose owner answers; null: it has not begun the connection yet. */
  async of(owners: ReadonlyMap<string, string | undefined>): Promise<ReadonlyMap<string, ConnectionReport | null>> {
    const owned = Map.groupBy(owners.keys(), (key) => owners.get(key));
    const found = await Promise.all(
      [...owned].map(async ([owner, some]) => {
        if (owner === undefined) return [];
        const report = await this.ofInstance(owner, some);
        if (!report) return [];
        const begun = new Map(report.connections.map((one) => [`${one.tenant}/${one.connectionId}`, one]));
        return some.map((key) => [key, begun.get(key) ?? null] as const);
      }),
    );
    return new Map(found.flat());
  }

  /** With these of its connections; undefined: it does not answer, or with something else. */
  async ofInstance(instance: string, keys: readonly string[]): Promise<InstanceReport | undefined> {
    if (instance === this.#cluster.instance) return this.#own(new Set(keys));
    const url = this.#cluster.view().instances.find((one) => one.instance === instance)?.url;
    if (url === undefined) return undefined;
    const caller = { tenant: '', key: { tenant: '', keyId: '', scopes: ['platform'], expiresAtMicros: null } };
    const headers = { 'content-type': 'application/json' };
    const request = { method: 'POST', url: reportPath, body: { connections: keys }, headers };
    try {
      const { status, text } = await this.#forwarding.send({ url, instance }, caller, request, answerMsMax);
      return status === 200 ? readReport(text) : undefined;
    } catch (error) {
      if (error instanceof MillraceError) return undefined;
      throw error;
    }
  }
}

/** Of another version it may be something else, or nothing that can be read. */
function readReport(text: string): InstanceReport | undefined {
  try {
    const report = JSON.parse(text) as InstanceReport | null;
    return Array.isArray(report?.connections) ? report : undefined;
  } catch {
    return undefined;
  }
}
