/** What the configuration's routes and its publisher are made of. */
import { KeyedSecrets, SecretKey } from '@millrace/auth';
import { Database, migrate, Outbox, OutboxPublisher } from '@millrace/control';
import type { Kafka, Registry } from '@millrace/kafka';
import { retrying, systemClock } from '@millrace/kernel';
import type { Emitter } from '@millrace/observe';
import { KAFKA, REGISTRY, SERVICE_ENVIRONMENT } from '@millrace/platform';
import type { Provider } from '@nestjs/common';
import { type apiEvents, EVENTS } from '../api-events.ts';
import type { ApiEnvironment } from '../environment.ts';
import { DeviceImport } from './import/device-import.ts';
import { openKafkaChangeLog } from './publishing/kafka-change-log.ts';
import { ConfigurationApply } from './resources/configuration-apply.ts';
import { ConfigurationExport } from './resources/configuration-export.ts';
import { resourceDefinitions } from './resources/resource-definitions.ts';
import { Resources } from './resources/resources.ts';
import { ScriptPublishing } from './scripts/script-publishing.ts';

/** A start that cannot reach it for longer is repeated by whoever supervises the process. */
const databaseMsMax = 60_000;

/** PostgreSQL may come after the api. */
const databaseDelays = { delayMsMin: 100, delayMsMax: 1_000 };

export function configurationProviders(ownsTenant: (tenant: string) => boolean): Provider[] {
  return [
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
      inject: [Database, KeyedSecrets, ScriptPublishing],
      useFactory: (database: Database, secrets: KeyedSecrets, publishing: ScriptPublishing) =>
        new Resources(database, secrets, publishing),
    },
    {
      provide: ConfigurationApply,
      inject: [Database, KeyedSecrets, ScriptPublishing],
      useFactory: (database: Database, secrets: KeyedSecrets, publishing: ScriptPublishing) =>
        new ConfigurationApply(database, secrets, publishing),
    },
    {
      provide: Outbox,
      inject: [Database],
      useFactory: (database: Database) =>
        new Outbox(
          database,
          resourceDefinitions.map(({ name }) => name),
        ),
    },
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
      inject: [Database, Outbox, KAFKA, REGISTRY, EVENTS],
      useFactory: (
        database: Database,
        outbox: Outbox,
        kafka: Kafka,
        registry: Registry,
        events: Emitter<typeof apiEvents>,
      ) =>
        new OutboxPublisher({
          database,
          outbox,
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
