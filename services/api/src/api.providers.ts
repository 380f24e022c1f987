/** What the api's routes and its publisher are made of. */
import { CredentialHasher, KeyedSecrets, SecretKey } from '@millrace/auth';
import { entityNames, type FollowedConfiguration } from '@millrace/config';
import { Database, migrate, Outbox, OutboxPublisher } from '@millrace/control';
import type { Kafka, Registry } from '@millrace/kafka';
import { retrying, systemClock } from '@millrace/kernel';
import { emitterOf, type Emitter, type Log, Metrics } from '@millrace/observe';
import { CONFIGURATION, KAFKA, LOG, REGISTRY, SERVICE_ENVIRONMENT } from '@millrace/platform';
import type { Provider } from '@nestjs/common';
import { apiEvents } from './api-events.ts';
import { DeviceData } from './device-data.ts';
import type { ApiEnvironment } from './environment.ts';
import { DeviceImport } from './import/device-import.ts';
import { openKafkaChangeLog } from './publishing/kafka-change-log.ts';
import { ConfigurationApply } from './resources/configuration-apply.ts';
import { ConfigurationExport } from './resources/configuration-export.ts';
import { Resources } from './resources/resources.ts';
import { Access } from './access.ts';
import { StatisticData } from './statistic-data.ts';
import { Stores } from './stores.ts';

export const EVENTS = Symbol('api events');

/** Connections are the client manager's: it reads them from a folder and publishes them itself. */
export const publishedEntities = entityNames.filter((entity) => entity !== 'connections');

/** A start that cannot reach it for longer is repeated by whoever supervises the process. */
const databaseMsMax = 60_000;

/** PostgreSQL may come after the api. */
const databaseDelays = { delayMsMin: 100, delayMsMax: 1_000 };

export function apiProviders(ownsTenant: (tenant: string) => boolean): Provider[] {
  return [
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
      provide: Access,
      inject: [CONFIGURATION, SecretKey],
      useFactory: ({ configuration }: FollowedConfiguration, key: SecretKey) =>
        new Access(configuration, new CredentialHasher(key), systemClock),
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
      provide: Database,
      inject: [SERVICE_ENVIRONMENT, EVENTS],
      useFactory: async (environment: ApiEnvironment, events: Emitter<typeof apiEvents>) => {
        const database = new Database(environment.MILLRACE_POSTGRES_URL, (error) => events.databaseFailed({ error }));
        const options = { ...databaseDelays, onRetry: (error: unknown) => events.databaseFailed({ error }) };
        const migrations = await retrying(() => migrate(database), options, AbortSignal.timeout(databaseMsMax));
        if (migrations.length > 0) events.databaseMigrated({ migrations });
        return database;
      },
    },
    {
      provide: KeyedSecrets,
      inject: [SecretKey],
      useFactory: (key: SecretKey) => new KeyedSecrets(key),
    },
    {
      provide: Resources,
      inject: [Database, KeyedSecrets],
      useFactory: (database: Database, secrets: KeyedSecrets) => new Resources(database, secrets),
    },
    {
      provide: ConfigurationApply,
      inject: [Database, KeyedSecrets],
      useFactory: (database: Database, secrets: KeyedSecrets) => new ConfigurationApply(database, secrets),
    },
    { provide: Outbox, inject: [Database], useFactory: (database: Database) => new Outbox(database) },
    {
      provide: ConfigurationExport,
      inject: [Database],
      useFactory: (database: Database) => new ConfigurationExport(database),
    },
    {
      provide: DeviceImport,
      inject: [Database, KeyedSecrets, EVENTS],
      useFactory: (database: Database, secrets: KeyedSecrets, events: Emitter<typeof apiEvents>) =>
        new DeviceImport({ database, secrets, events, clock: systemClock }),
    },
    {
      provide: OutboxPublisher,
      inject: [Database, KAFKA, REGISTRY, EVENTS],
      useFactory: (database: Database, kafka: Kafka, registry: Registry, events: Emitter<typeof apiEvents>) =>
        new OutboxPublisher({
          database,
          openLog: (signal) =>
            openKafkaChangeLog(
              {
                kafka,
                registry,
                clock: systemClock,
                ownsTenant,
                unpublishable: (fields) => events.changeUnpublishable(fields),
              },
              signal,
            ),
          events,
          clock: systemClock,
        }),
    },
  ];
}
