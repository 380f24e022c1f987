/** What the control side of an instance is made of. Handed in: its `Cluster`, `WriteTurns`, `Creations`, and `OWN_REPORT`. */
import { CredentialHasher, KeyedSecrets, PrincipalReader, PrincipalSigner, SecretKey } from '@millrace/auth';
import type { FollowedConfiguration } from '@millrace/config';
import { type ConnectionConfig, type PublishedPosition, topics } from '@millrace/contracts';
import { RecordProducer, type Registry } from '@millrace/kafka';
import { systemClock } from '@millrace/kernel';
import type { Emitter } from '@millrace/observe';
import { CONFIGURATION, invalidFields, REGISTRY, SERVICE_ENVIRONMENT } from '@millrace/platform';
import { Access, CallerReader, Forwarding, ScopeGuard } from '@millrace/platform/rest';
import { type Provider, StandardSchemaValidationPipe } from '@nestjs/common';
import { APP_PIPE } from '@nestjs/core';
import type { ClientManagerEnvironment } from '../environment.ts';
import { Cluster } from './cluster.ts';
import { type clientManagerEvents, EVENTS } from '../client-manager-events.ts';
import { ConnectionReports, type OwnReport } from './connection-reports.ts';
import { ConnectionStore } from './connection-store.ts';
import { ConnectionViews } from './connection-views.ts';
import { ConnectionsController } from './connections.controller.ts';
import { Connections } from './connections.ts';
import { ControlAccess } from './control-access.ts';
import { OWN_REPORT } from './control-tokens.ts';
import { Creations } from './creations.ts';
import { ForwardingInterceptor } from './forwarding.interceptor.ts';
import { InstanceReportsController, InstancesController } from './instances.controller.ts';
import { LostTopic } from './lost-topic.ts';
import { WriteTurns } from './write-turns.ts';

export const controlControllers = [ConnectionsController, InstancesController, InstanceReportsController];

export const controlProviders: Provider[] = [
  { provide: APP_PIPE, useValue: new StandardSchemaValidationPipe({ exceptionFactory: invalidFields }) },
  ScopeGuard,
  ForwardingInterceptor,
  {
    provide: CallerReader,
    inject: [CONFIGURATION, SecretKey, SERVICE_ENVIRONMENT],
    useFactory: (
      { configuration }: FollowedConfiguration,
      key: SecretKey,
      { MILLRACE_INSTANCE: instance }: ClientManagerEnvironment,
    ) =>
      new ControlAccess(
        new Access(configuration, new CredentialHasher(key), systemClock),
        new PrincipalReader(key, instance),
        systemClock,
      ),
  },
  {
    provide: Forwarding,
    inject: [SecretKey, SERVICE_ENVIRONMENT],
    useFactory: (key: SecretKey, { MILLRACE_INSTANCE: instance }: ClientManagerEnvironment) =>
      new Forwarding(new PrincipalSigner(key), instance, systemClock),
  },
  {
    provide: ConnectionStore,
    inject: [CONFIGURATION, RecordProducer, REGISTRY],
    useFactory: async (followed: FollowedConfiguration, producer: RecordProducer, registry: Registry) =>
      new ConnectionStore({
        followed,
        producer,
        connections: await registry.codec<ConnectionConfig>(topics.configConnections),
        positions: await registry.codec<PublishedPosition>(topics.configPublished),
        clock: systemClock,
      }),
  },
  {
    provide: LostTopic,
    inject: [ConnectionStore, EVENTS],
    useFactory: (store: ConnectionStore, events: Emitter<typeof clientManagerEvents>) =>
      new LostTopic(store, events, systemClock),
  },
  {
    provide: Connections,
    inject: [CONFIGURATION, KeyedSecrets, ConnectionStore, WriteTurns, Creations, Cluster],
    useFactory: (
      { configuration }: FollowedConfiguration,
      secrets: KeyedSecrets,
      store: ConnectionStore,
      turns: WriteTurns,
      creations: Creations,
      cluster: Cluster,
    ) => new Connections({ configuration, secrets, store, turns, creations, cluster }),
  },
  {
    provide: ConnectionReports,
    inject: [Cluster, OWN_REPORT, Forwarding],
    useFactory: (cluster: Cluster, own: OwnReport, forwarding: Forwarding) =>
      new ConnectionReports(cluster, own, forwarding),
  },
  {
    provide: ConnectionViews,
    inject: [CONFIGURATION, Cluster, ConnectionReports],
    useFactory: ({ configuration }: FollowedConfiguration, cluster: Cluster, reports: ConnectionReports) =>
      new ConnectionViews(configuration, cluster, reports),
  },
];
