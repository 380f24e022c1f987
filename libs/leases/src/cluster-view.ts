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
  /** Also of a connection that it has not begun yet; undefined: nobody has it, or it does not exist. */
  readonly ownerOf: (key: string) => InstanceView | undefined;
}

/** Costs as much as there are instances, not connections. */
export function viewOf(cluster: Cluster, keys: ReadonlySet<string>, self: string, nowMs: number): ClusterView {
  const { content } = cluster;
  const instances = instancesOf(cluster, self, nowMs);
  const bySession = new Map(instances.map((one) => [one.session, one]));
  const ownerOf = (key: string): InstanceView | undefined =>
    keys.has(key) ? bySession.get(content.owners.get(key) ?? '') : undefined;
  return { instances, ownerOf };
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
