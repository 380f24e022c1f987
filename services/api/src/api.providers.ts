/** What the api's routes and its publisher are made of. */
import { CredentialHasher, KeyedSecrets, SecretKey } from '@millrace/auth';
import { entityNames, FolderPublisher, followConfiguration, type FollowedConfiguration } from '@millrace/config';
import { type Kafka, RecordProducer, type Registry } from '@millrace/kafka';
import { systemClock } from '@millrace/kernel';
import { emitterOf, type Emitter, type Log, Metrics } from '@millrace/observe';
import { KAFKA, LOG, REGISTRY, SERVICE_ENVIRONMENT } from '@millrace/platform';
import type { Provider } from '@nestjs/common';
import { apiEvents } from './api-events.ts';
import { DeviceData } from './device-data.ts';
import { DeviceDirectory } from './device-directory.ts';
import type { ApiEnvironment } from './environment.ts';
import { ReadAccess } from './read-access.ts';
import { StatisticData } from './statistic-data.ts';
import { Stores } from './stores.ts';

export const CONFIGURATION = Symbol('followed configuration');
export const EVENTS = Symbol('api events');

/** Connections are the client manager's: it reads them from the same folder and publishes them itself. */
export const publishedEntities = entityNames.filter((entity) => entity !== 'connections');

/** Reading the configuration takes a second; a start that cannot is repeated by whoever supervises the process. */
const configurationMsMax = 60_000;

export function apiProviders(ownsTenant: (tenant: string) => boolean): Provider[] {
  return [
    {
      provide: CONFIGURATION,
      inject: [KAFKA, REGISTRY],
      useFactory: (kafka: Kafka, registry: Registry) =>
        followConfiguration(kafka, registry, publishedEntities, AbortSignal.timeout(configurationMsMax)),
    },
    {
      provide: EVENTS,
      inject: [LOG, Metrics],
      useFactory: (log: Log, metrics: Metrics) => emitterOf(apiEvents, log, metrics),
    },
    {
      provide: SecretKey,
      inject: [SERVICE_ENVIRONMENT],
      useFactory: (environment: ApiEnvironment) => SecretKey.fromEnvironment(environment.MILLRACE_SECRET_KEY),
    },
    {
      provide: Stores,
      inject: [SERVICE_ENVIRONMENT, EVENTS],
      useFactory: (environment: ApiEnvironment, events: Emitter<typeof apiEvents>) =>
        new Stores(environment.MILLRACE_QUESTDB_URL, environment.MILLRACE_REDIS_URL, (error) =>
          events.redisFailed({ error }),
        ),
    },
    {
      provide: ReadAccess,
      inject: [CONFIGURATION, SecretKey],
      useFactory: ({ configuration }: FollowedConfiguration, key: SecretKey) =>
        new ReadAccess(configuration, new CredentialHasher(key), systemClock),
    },
    {
      provide: DeviceDirectory,
      inject: [CONFIGURATION],
      useFactory: ({ configuration }: FollowedConfiguration) => new DeviceDirectory(configuration),
    },
    {
      provide: DeviceData,
      inject: [CONFIGURATION, Stores],
      useFactory: ({ configuration }: FollowedConfiguration, stores: Stores) => new DeviceData(configuration, stores),
    },
    {
      provide: StatisticData,
      inject: [CONFIGURATION, Stores],
      useFactory: ({ configuration }: FollowedConfiguration, { statisticResults }: Stores) =>
        new StatisticData(configuration, statisticResults),
    },
    {
      provide: FolderPublisher,
      inject: [SERVICE_ENVIRONMENT, CONFIGURATION, RecordProducer, REGISTRY, SecretKey, EVENTS],
      useFactory: (
        { MILLRACE_CONFIG_DIR: folder }: ApiEnvironment,
        published: FollowedConfiguration,
        producer: RecordProducer,
        registry: Registry,
        key: SecretKey,
        events: Emitter<typeof apiEvents>,
      ) =>
        new FolderPublisher({
          folder,
          events,
          publisher: {
            entities: publishedEntities,
            published,
            producer,
            registry,
            secrets: new KeyedSecrets(key),
            clock: systemClock,
            ownsTenant,
          },
        }),
    },
  ];
}
