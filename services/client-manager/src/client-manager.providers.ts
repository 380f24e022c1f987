/** What the client manager is made of. */
import { KeyedSecrets, SecretKey } from '@millrace/auth';
import { FolderPublisher, type FollowedConfiguration } from '@millrace/config';
import { type RawBatch, topics } from '@millrace/contracts';
import { DeadLetterWriter, RecordProducer, type Registry } from '@millrace/kafka';
import { systemClock } from '@millrace/kernel';
import { Accounting, type Emitter, emitterOf, type Log, Metrics } from '@millrace/observe';
import { CONFIGURATION, LOG, messageGateProviders, REGISTRY, SERVICE_ENVIRONMENT } from '@millrace/platform';
import { MessageGate } from '@millrace/quotas';
import type { Provider } from '@nestjs/common';
import { clientManagerEvents, EVENTS } from './client-manager-events.ts';
import { clientManagerMetrics } from './client-manager-metrics.ts';
import { ConnectionFleet } from './connection-fleet.ts';
import { type ConnectionOpenerParts, openConnection } from './connection-opener.ts';
import { Capacity } from './control/capacity.ts';
import { controlProviders } from './control/control.providers.ts';
import { OWN_REPORT } from './control/control-tokens.ts';
import { limitProviders } from './control/limits.providers.ts';
import { ownReportOf } from './control/own-report.ts';
import { sharedMemoryProviders } from './control/shared-memory.providers.ts';
import type { ClientManagerEnvironment } from './environment.ts';
import { LeasedOwnership } from './ownership/leased-ownership.ts';
import type { Ownership } from './ownership/ownership.ts';
import { ownershipProviders } from './ownership/ownership.providers.ts';

const fleetParts = [
  SERVICE_ENVIRONMENT,
  CONFIGURATION,
  MessageGate,
  RecordProducer,
  REGISTRY,
  DeadLetterWriter,
  KeyedSecrets,
  Accounting,
  EVENTS,
  Metrics,
  LeasedOwnership,
];

export function clientManagerProviders(ownsTenant: (tenant: string) => boolean): Provider[] {
  return [
    ...messageGateProviders,
    ...limitProviders,
    ...sharedMemoryProviders,
    ...controlProviders,
    ...ownershipProviders(ownsTenant),
    {
      provide: SecretKey,
      inject: [SERVICE_ENVIRONMENT],
      useFactory: ({ MILLRACE_SECRET_KEY: key }: ClientManagerEnvironment) => SecretKey.fromEnvironment(key),
    },
    {
      provide: KeyedSecrets,
      inject: [SecretKey],
      useFactory: (key: SecretKey) => new KeyedSecrets(key),
    },
    {
      provide: OWN_REPORT,
      inject: [SERVICE_ENVIRONMENT, ConnectionFleet, Capacity],
      useFactory: (
        { MILLRACE_INSTANCE: instance }: ClientManagerEnvironment,
        fleet: ConnectionFleet,
        capacity: Capacity,
      ) => ownReportOf(instance, fleet, capacity),
    },
    {
      provide: EVENTS,
      inject: [LOG, Metrics],
      useFactory: (log: Log, metrics: Metrics) => emitterOf(clientManagerEvents, log, metrics),
    },
    {
      provide: FolderPublisher,
      inject: [SERVICE_ENVIRONMENT, CONFIGURATION, RecordProducer, REGISTRY, KeyedSecrets, EVENTS],
      useFactory: (
        { MILLRACE_CONFIG_DIR: folder }: ClientManagerEnvironment,
        published: FollowedConfiguration,
        producer: RecordProducer,
        registry: Registry,
        secrets: KeyedSecrets,
        events: Emitter<typeof clientManagerEvents>,
      ) => {
        const publisher = { published, producer, registry, secrets, clock: systemClock, ownsTenant };
        return folder === undefined
          ? undefined
          : new FolderPublisher({ folder, events, publisher: { ...publisher, entities: ['connections'] } });
      },
    },
    {
      provide: ConnectionFleet,
      inject: fleetParts,
      useFactory: async (
        { MILLRACE_INSTANCE: instance, MILLRACE_OUTBOUND_ALLOWED: outboundAllowed }: ClientManagerEnvironment,
        { configuration }: FollowedConfiguration,
        admission: MessageGate,
        producer: RecordProducer,
        registry: Registry,
        letters: DeadLetterWriter,
        secrets: KeyedSecrets,
        accounting: Accounting,
        events: Emitter<typeof clientManagerEvents>,
        metrics: Metrics,
        ownership: LeasedOwnership,
      ) => {
        const codec = await registry.codec<RawBatch>(topics.raw);
        const stream = { producer, codec, letters, accounting, events };
        const parts = { instance, configuration, secrets, admission, outboundAllowed, ...stream };
        return fleetOf(parts, configuration, ownership, metrics);
      },
    },
  ];
}

function fleetOf(
  parts: ConnectionOpenerParts,
  configuration: FollowedConfiguration['configuration'],
  ownership: Ownership,
  metrics: Metrics,
): ConnectionFleet {
  const fleet = new ConnectionFleet({
    configuration,
    ownership,
    open: (config, owned) => openConnection(parts, config, owned),
    events: parts.events,
    clock: systemClock,
  });
  metrics.measured(clientManagerMetrics.connections, () =>
    [...fleet.counts()].map(([state, value]) => ({ labels: { state }, value })),
  );
  metrics.measured(clientManagerMetrics.unacknowledged, () => [{ labels: {}, value: fleet.unacknowledged }]);
  return fleet;
}
