/** What the client manager is made of. */
import { KeyedSecrets, SecretKey } from '@millrace/auth';
import { FolderPublisher, type FollowedConfiguration } from '@millrace/config';
import { type RawBatch, topics } from '@millrace/contracts';
import { DeadLetterWriter, type Kafka, RecordProducer, type Registry } from '@millrace/kafka';
import { systemClock } from '@millrace/kernel';
import { Accounting, type Emitter, emitterOf, type Log, Metrics } from '@millrace/observe';
import { CONFIGURATION, KAFKA, LOG, REGISTRY, SERVICE_ENVIRONMENT } from '@millrace/platform';
import { type MessageGate, openMessageGate, type OpenGate } from '@millrace/quotas';
import type { Provider } from '@nestjs/common';
import { clientManagerEvents } from './client-manager-events.ts';
import { clientManagerMetrics } from './client-manager-metrics.ts';
import { ConnectionFleet } from './connection-fleet.ts';
import { type ConnectionOpenerParts, openConnection } from './connection-opener.ts';
import type { ClientManagerEnvironment } from './environment.ts';
import { SoleOwnership } from './ownership.ts';

export const GATE = Symbol('message gate');
/** Reading what others take is a moment; a start that cannot is repeated by whoever supervises the process. */
const gateMsMax = 60_000;

const EVENTS = Symbol('client manager events');

const fleetParts = [
  SERVICE_ENVIRONMENT,
  CONFIGURATION,
  GATE,
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
    {
      provide: GATE,
      inject: [KAFKA, REGISTRY, RecordProducer, CONFIGURATION, LOG, Metrics],
      useFactory: (
        kafka: Kafka,
        registry: Registry,
        producer: RecordProducer,
        { configuration: tenants }: FollowedConfiguration,
        log: Log,
        metrics: Metrics,
      ) => {
        const parts = { kafka, registry, producer, tenants, log, metrics, clock: systemClock };
        return openMessageGate(parts, AbortSignal.timeout(gateMsMax));
      },
    },
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
        { gate: admission }: OpenGate<MessageGate>,
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
