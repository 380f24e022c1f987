/** Wires the client manager: the folder to the topic, the topic to the connections, the connections to the stream. */
import { SecretKey } from '@millrace/auth';
import { followConfiguration, type FollowedConfiguration } from '@millrace/config';
import { type RawBatch, topics } from '@millrace/contracts';
import { DeadLetterWriter, type Kafka, RecordProducer, type Registry } from '@millrace/kafka';
import { systemClock } from '@millrace/kernel';
import { Accounting, type Emitter, emitterOf, type Log, Metrics } from '@millrace/observe';
import { KAFKA, LOG, REGISTRY, SERVICE_ENVIRONMENT } from '@millrace/platform';
import { type BeforeApplicationShutdown, Inject, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { clientManagerEvents } from './client-manager-events.ts';
import { ConnectionFleet } from './connection-fleet.ts';
import { type ConnectionOpenerParts, openConnection } from './connection-opener.ts';
import { ConnectionPublisher } from './connection-publisher.ts';
import { ConnectionsController } from './connections.controller.ts';
import type { ClientManagerEnvironment } from './environment.ts';
import { SoleOwnership } from './ownership.ts';
import { PasswordKeeper } from './password-keeper.ts';

/** Reading the configuration takes a second; a start that cannot is repeated by whoever supervises the process. */
const configurationMsMax = 60_000;

const CONFIGURATION = Symbol('followed configuration');
const EVENTS = Symbol('client manager events');

const fleetParts = [
  SERVICE_ENVIRONMENT,
  CONFIGURATION,
  RecordProducer,
  REGISTRY,
  DeadLetterWriter,
  PasswordKeeper,
  Accounting,
  EVENTS,
  Metrics,
];

@Module({
  controllers: [ConnectionsController],
  providers: [
    {
      provide: CONFIGURATION,
      inject: [KAFKA, REGISTRY],
      useFactory: (kafka: Kafka, registry: Registry) =>
        followConfiguration(kafka, registry, ['devices', 'connections'], AbortSignal.timeout(configurationMsMax)),
    },
    {
      provide: PasswordKeeper,
      inject: [SERVICE_ENVIRONMENT],
      useFactory: ({ MILLRACE_SECRET_KEY: key }: ClientManagerEnvironment) =>
        new PasswordKeeper(SecretKey.fromEnvironment(key)),
    },
    {
      provide: EVENTS,
      inject: [LOG, Metrics],
      useFactory: (log: Log, metrics: Metrics) => emitterOf(clientManagerEvents, log, metrics),
    },
    {
      provide: ConnectionPublisher,
      inject: [SERVICE_ENVIRONMENT, CONFIGURATION, RecordProducer, REGISTRY, PasswordKeeper, EVENTS],
      useFactory: (
        { MILLRACE_CONFIG_DIR: folder }: ClientManagerEnvironment,
        published: FollowedConfiguration,
        producer: RecordProducer,
        registry: Registry,
        secrets: PasswordKeeper,
        events: Emitter<typeof clientManagerEvents>,
      ) => new ConnectionPublisher({ folder, published, producer, registry, secrets, events, clock: systemClock }),
    },
    {
      provide: ConnectionFleet,
      inject: fleetParts,
      useFactory: async (
        { MILLRACE_INSTANCE: instance }: ClientManagerEnvironment,
        { configuration }: FollowedConfiguration,
        producer: RecordProducer,
        registry: Registry,
        letters: DeadLetterWriter,
        passwords: PasswordKeeper,
        accounting: Accounting,
        events: Emitter<typeof clientManagerEvents>,
        metrics: Metrics,
      ) => {
        const codec = await registry.codec<RawBatch>(topics.raw);
        const parts = { instance, configuration, passwords, producer, codec, letters, accounting, events };
        return fleetOf(parts, configuration, metrics);
      },
    },
  ],
})
export class ClientManagerModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #followed: FollowedConfiguration;
  readonly #publisher: ConnectionPublisher;
  readonly #fleet: ConnectionFleet;

  constructor(
    @Inject(CONFIGURATION) followed: FollowedConfiguration,
    publisher: ConnectionPublisher,
    fleet: ConnectionFleet,
  ) {
    this.#followed = followed;
    this.#publisher = publisher;
    this.#fleet = fleet;
  }

  /** Ready when the configuration is read and published. A broker that is away is shown, and no reason to be not ready. */
  async onApplicationBootstrap(): Promise<void> {
    await this.#publisher.start();
    this.#fleet.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#publisher.stop();
    await this.#fleet.stop();
    await this.#followed.close();
  }
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
  metrics.measured('open_connections', 'Connections of this instance.', ['state'], () =>
    [...fleet.counts()].map(([state, value]) => ({ labels: { state }, value })),
  );
  metrics.measured('unacknowledged_messages', 'Messages whose sender waits for its receipt.', [], () => [
    { labels: {}, value: fleet.unacknowledged },
  ]);
  return fleet;
}
