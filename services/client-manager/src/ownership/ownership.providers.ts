/** What the ownership of connections is made of: leases in Redis, claims and fences in Kafka. */
import { KeyedSecrets } from '@millrace/auth';
import type { FollowedConfiguration } from '@millrace/config';
import { checkConnection } from '@millrace/connectors';
import { type ConnectionConfig, type RawBatch, topics } from '@millrace/contracts';
import { ClaimLog, Fences, KafkaClaims } from '@millrace/ingest';
import { endOffsets, type Kafka, RecordProducer, type Registry } from '@millrace/kafka';
import { systemClock } from '@millrace/kernel';
import { leaseEvents, Leases, RedisLeaseStore } from '@millrace/leases';
import { type Emitter, emitterOf, type Log, Metrics } from '@millrace/observe';
import { CONFIGURATION, KAFKA, LOG, REGISTRY, SERVICE_ENVIRONMENT } from '@millrace/platform';
import type { Provider } from '@nestjs/common';
import { type clientManagerEvents, EVENTS } from '../client-manager-events.ts';
import { Capacity } from '../control/capacity.ts';
import { Cluster } from '../control/cluster.ts';
import type { ClientManagerEnvironment } from '../environment.ts';
import { openedConnection } from '../opened-connection.ts';
import { EnabledConnections } from './enabled-connections.ts';
import { KafkaReach } from './kafka-reach.ts';
import { LeasedCluster } from './leased-cluster.ts';
import { LeasedOwnership } from './leased-ownership.ts';
import { ownUrl } from './own-url.ts';
import { Owning } from './owning.ts';

/** Of the ttl: longer than clocks differ in it, and than a process usually stands still. */
const marginShare = 0.1;
const looksPerTtl = 12;
/** A renewal and two repetitions fit into the ttl. */
const commandsPerTtl = 3;
/** Connections that are closed for another instance at a time. */
const movesAtOnce = 20;

/** `ownsTenant`: connections of other tenants are left to others. */
export function ownershipProviders(ownsTenant: (tenant: string) => boolean): Provider[] {
  return [
    {
      provide: ClaimLog,
      inject: [KAFKA, REGISTRY, RecordProducer],
      useFactory: (kafka: Kafka, registry: Registry, producer: RecordProducer) =>
        new ClaimLog(new KafkaClaims({ kafka, registry, producer }), systemClock),
    },
    {
      provide: Fences,
      inject: [RecordProducer, REGISTRY],
      useFactory: async (producer: RecordProducer, registry: Registry) =>
        new Fences({ producer, codec: await registry.codec<RawBatch>(topics.raw) }),
    },
    {
      provide: RedisLeaseStore,
      inject: [SERVICE_ENVIRONMENT, EVENTS],
      useFactory: (environment: ClientManagerEnvironment, events: Emitter<typeof clientManagerEvents>) =>
        new RedisLeaseStore({
          url: environment.MILLRACE_REDIS_URL,
          commandMsMax: environment.MILLRACE_LEASE_TTL_MS / commandsPerTtl,
          prefix: `millrace:{leases:${environment.MILLRACE_LEASE_GROUP}}:`,
          onError: (error) => events.redisFailed({ error }),
        }),
    },
    {
      provide: EnabledConnections,
      inject: [CONFIGURATION],
      useFactory: ({ configuration }: FollowedConfiguration) => new EnabledConnections(configuration, ownsTenant),
    },
    {
      provide: KafkaReach,
      inject: [SERVICE_ENVIRONMENT, KAFKA, EVENTS],
      useFactory: (
        { MILLRACE_LEASE_TTL_MS: ttlMs }: ClientManagerEnvironment,
        kafka: Kafka,
        events: Emitter<typeof clientManagerEvents>,
      ) =>
        new KafkaReach({
          ask: () => endOffsets(kafka, topics.connectionClaims.name),
          ttlMs,
          clock: systemClock,
          events,
        }),
    },
    {
      provide: Leases,
      inject: [SERVICE_ENVIRONMENT, RedisLeaseStore, EnabledConnections, Capacity, KafkaReach, LOG, Metrics],
      useFactory: (
        environment: ClientManagerEnvironment,
        store: RedisLeaseStore,
        enabled: EnabledConnections,
        capacity: Capacity,
        reach: KafkaReach,
        log: Log,
        metrics: Metrics,
      ) => {
        const { MILLRACE_INSTANCE: instance } = environment;
        const othersAccept = (): boolean =>
          leases.view().instances.some((one) => one.instance !== instance && one.accepting && one.state === 'active');
        const leases: Leases = new Leases({
          instance,
          url: ownUrl(environment),
          store: reach.guarded(store, othersAccept),
          clock: systemClock,
          random: Math.random,
          options: {
            ttlMs: environment.MILLRACE_LEASE_TTL_MS,
            marginMs: environment.MILLRACE_LEASE_TTL_MS * marginShare,
            lookMs: environment.MILLRACE_LEASE_TTL_MS / looksPerTtl,
            startsPerSecond: environment.MILLRACE_CONNECTION_STARTS_PER_SECOND,
            movesAtOnce,
          },
          keys: () => enabled.keys(),
          keysVersion: () => enabled.version,
          capacity: () => reach.capacityOf(capacity),
          events: emitterOf(leaseEvents, log, metrics),
        });
        return leases;
      },
    },
    {
      provide: LeasedOwnership,
      inject: [SERVICE_ENVIRONMENT, Leases, ClaimLog, Fences, CONFIGURATION, KeyedSecrets, EVENTS],
      useFactory: (
        { MILLRACE_INSTANCE: instance }: ClientManagerEnvironment,
        leases: Leases,
        claims: ClaimLog,
        fences: Fences,
        { configuration }: FollowedConfiguration,
        secrets: KeyedSecrets,
        events: Emitter<typeof clientManagerEvents>,
      ) => {
        const sharing = (key: string): boolean | undefined => {
          const config = configuration.connections.get(key);
          return config && isShared(config, secrets);
        };
        return new LeasedOwnership({ instance, leases, claims, fences, sharing, events, clock: systemClock });
      },
    },
    {
      provide: Owning,
      inject: [ClaimLog, RedisLeaseStore, KafkaReach, Leases, LeasedOwnership],
      useFactory: (
        claims: ClaimLog,
        store: RedisLeaseStore,
        reach: KafkaReach,
        leases: Leases,
        ownership: LeasedOwnership,
      ) => new Owning({ claims, store, reach, leases, ownership }),
    },
    {
      provide: Cluster,
      inject: [SERVICE_ENVIRONMENT, Leases],
      useFactory: ({ MILLRACE_INSTANCE: instance }: ClientManagerEnvironment, leases: Leases) =>
        new LeasedCluster(instance, leases, systemClock),
    },
  ];
}

/** What is wrong as configured is not opened at all, and shown so. */
function isShared(config: ConnectionConfig, secrets: KeyedSecrets): boolean {
  try {
    return checkConnection(openedConnection(config, secrets)).isShared;
  } catch {
    return false;
  }
}
