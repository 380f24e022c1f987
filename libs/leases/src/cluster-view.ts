/** What one instance knows of all, for people and for who forwards requests. */
import type { Cluster } from './cluster.ts';

/** `silent`: no sign of life for two thirds of its ttl; it is given nothing, and is dead soon. */
export type InstanceState = 'active' | 'draining' | 'silent';

export interface InstanceView {
  readonly instance: string;
  readonly session: string;
  readonly url: string;
  readonly state: InstanceState;
  readonly connections: number;
  readonly connectionsMax: number;
  /** Takes more as long as there is room. */
  readonly accepting: boolean;
  /** ISO 8601: when the session began. */
  readonly since: string;
}

export interface ClusterView {
  /** By name. */
  readonly instances: readonly InstanceView[];
  /** The owner of each connection in use; one that has not begun yet counts. */
  readonly owners: ReadonlyMap<string, InstanceView>;
  /** Connections that exist and nobody has. */
  readonly notInUse: readonly string[];
}

export function viewOf(cluster: Cluster, keys: ReadonlySet<string>, self: string, nowMs: number): ClusterView {
  const { content } = cluster;
  const instances = instancesOf(cluster, self, nowMs);
  const bySession = new Map(instances.map((one) => [one.session, one]));
  const owners = new Map<string, InstanceView>();
  for (const [key, session] of content.owners) {
    const owner = bySession.get(session);
    if (owner && keys.has(key)) owners.set(key, owner);
  }
  return { instances, owners, notInUse: [...keys].filter((key) => !owners.has(key)) };
}

function instancesOf(cluster: Cluster, self: string, nowMs: number): InstanceView[] {
  const living = new Set(cluster.living(nowMs, self));
  const instances = [...cluster.content.members].map(([session, member]) => {
    const { instance, url, connectionsMax, accepting, draining, sinceMs } = member;
    const state: InstanceState = !living.has(session) ? 'silent' : draining ? 'draining' : 'active';
    const connections = cluster.loads.has(session);
    const since = new Date(sinceMs).toISOString();
    return { instance, session, url, state, connections, connectionsMax, accepting, since };
  });
  return instances.toSorted((a, b) =>
    a.instance === b.instance ? (a.since < b.since ? -1 : 1) : a.instance < b.instance ? -1 : 1,
  );
}
