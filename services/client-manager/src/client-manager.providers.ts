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
import { clientManagerEvents } from './client-manager-events.ts';
import { clientManagerMetrics } from './client-manager-metrics.ts';
import { ConnectionFleet } from './connection-fleet.ts';
import { type ConnectionOpenerParts, openConnection } from './connection-opener.ts';
import type { ClientManagerEnvironment } from './environment.ts';
import { SoleOwnership } from './ownership.ts';

const EVENTS = Symbol('client manager events');

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
];

export function clientManagerProviders(ownsTenant: (tenant: string) => boolean): Provider[] {
  return [
    ...messageGateProviders,
    {
      provide: KeyedSecrets,
      inject: [SERVICE_ENVIRONMENT],
      useFactory: ({ MILLRACE_SECRET_KEY: key }: ClientManagerEnvironment) =>
        new KeyedSecrets(SecretKey.fromEnvironment(key)),
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
      ) =>
        new FolderPublisher({
          folder,
          events,
          publisher: {
            entities: ['connections'],
            published,
            producer,
            registry,
            secrets,
            clock: systemClock,
            ownsTenant,
          },
        }),
    },
    {
      provide: ConnectionFleet,
      inject: fleetParts,
      useFactory: async (
        { MILLRACE_INSTANCE: instance }: ClientManagerEnvironment,
        { configuration }: FollowedConfiguration,
        admission: MessageGate,
        producer: RecordProducer,
        registry: Registry,
        letters: DeadLetterWriter,
        secrets: KeyedSecrets,
        accounting: Accounting,
        events: Emitter<typeof clientManagerEvents>,
        metrics: Metrics,
      ) => {
        const codec = await registry.codec<RawBatch>(topics.raw);
        const parts = { instance, configuration, secrets, admission, producer, codec, letters, accounting, events };
        return fleetOf(parts, configuration, metrics);
      },
    },
  ];
}

function fleetOf(
  parts: ConnectionOpenerParts,
  configuration: FollowedConfiguration['configuration'],
  metrics: Metrics,
): ConnectionFleet {
  const fleet = new ConnectionFleet({
    configuration,
    ownership: new SoleOwnership(),
    open: (config, epoch) => openConnection(parts, config, epoch),
    events: parts.events,
    clock: systemClock,
  });
  metrics.measured(clientManagerMetrics.connections, () =>
    [...fleet.counts()].map(([state, value]) => ({ labels: { state }, value })),
  );
  metrics.measured(clientManagerMetrics.unacknowledged, () => [{ labels: {}, value: fleet.unacknowledged }]);
  return fleet;
}
