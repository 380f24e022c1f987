export type { ClusterView, InstanceState, InstanceView } from './cluster-view.ts';
export type { Lease } from './lease.ts';
export * from './lease-events.ts';
export * from './lease-store.ts';
export * from './leases.ts';
export * from './machine-parts.ts';
export * from './redis/redis-lease-store.ts';
