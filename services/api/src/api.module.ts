/** Wires the api: the database to routes and configuration topics, keys and stores to the questions about data. */
import { KeyedSecrets } from '@millrace/auth';
import { Propagation } from '@millrace/config';
import { Database, OutboxPublisher } from '@millrace/control';
import { RawWriter } from '@millrace/ingest';
import { invalidFields, SERVICE_ENVIRONMENT } from '@millrace/platform';
import type { MessageGate, OpenGate } from '@millrace/quotas';
import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  StandardSchemaValidationPipe,
} from '@nestjs/common';
import { APP_PIPE } from '@nestjs/core';
import { AccessController } from './access.controller.ts';
import { AccountingController } from './accounting.controller.ts';
import { AlarmsController } from './alarms.controller.ts';
import { apiProviders } from './api.providers.ts';
import type { ApiEnvironment } from './environment.ts';
import { DeviceImportController } from './import/device-import.controller.ts';
import { ExportController } from './export.controller.ts';
import { FlowController } from './flow.controller.ts';
import { JourneysController } from './journeys.controller.ts';
import { LiveFeed } from './live/live-feed.ts';
import { LiveController } from './live.controller.ts';
import { liveProviders } from './live.providers.ts';
import { OverviewController } from './overview.controller.ts';
import { PointsController } from './points.controller.ts';
import { PropagationController } from './propagation.controller.ts';
import { propagationProviders } from './propagation.providers.ts';
import { ApiKeysController } from './resources/api-keys.controller.ts';
import { ConfigurationExportController } from './resources/configuration-export.controller.ts';
import { ConfigurationController } from './resources/configuration.controller.ts';
import { DeviceCredentialsController } from './resources/device-credentials.controller.ts';
import { ensureFirstKey, type FirstKey } from './resources/first-key.ts';
import { resourceController } from './resources/resource-controller.ts';
import { resourceDefinitions } from './resources/resource-definitions.ts';
import { ScreenController } from './screen.controller.ts';
import { FollowedAlarms, GATE, screenProviders } from './screen.providers.ts';
import { SeriesController } from './series.controller.ts';
import { StatisticsController } from './statistics.controller.ts';
import { Stores } from './stores.ts';
import { ScopeGuard } from './tenant.ts';

@Module({})
export class ApiModule implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  readonly #database: Database;
  readonly #secrets: KeyedSecrets;
  readonly #adminKey: string | undefined;
  readonly #publisher: OutboxPublisher;
  readonly #alarms: FollowedAlarms;
  readonly #propagation: Propagation;
  readonly #live: LiveFeed;
  readonly #writer: RawWriter;
  readonly #gate: OpenGate<MessageGate>;
  readonly #stores: Stores;

  constructor(
    database: Database,
    secrets: KeyedSecrets,
    @Inject(SERVICE_ENVIRONMENT) { MILLRACE_ADMIN_KEY: adminKey }: ApiEnvironment,
    publisher: OutboxPublisher,
    alarms: FollowedAlarms,
    propagation: Propagation,
    live: LiveFeed,
    writer: RawWriter,
    @Inject(GATE) gate: OpenGate<MessageGate>,
    stores: Stores,
  ) {
    this.#database = database;
    this.#secrets = secrets;
    this.#adminKey = adminKey;
    this.#publisher = publisher;
    this.#alarms = alarms;
    this.#propagation = propagation;
    this.#live = live;
    this.#writer = writer;
    this.#gate = gate;
    this.#stores = stores;
  }

  /** `ownsTenant`: see `apiDefinition`. */
  static of(ownsTenant: (tenant: string) => boolean): DynamicModule {
    return {
      module: ApiModule,
      controllers: [
        AccessController,
        ApiKeysController,
        DeviceCredentialsController,
        ConfigurationController,
        ConfigurationExportController,
        DeviceImportController,
        ...resourceDefinitions.map(resourceController),
        OverviewController,
        PointsController,
        SeriesController,
        ExportController,
        LiveController,
        StatisticsController,
        AlarmsController,
        JourneysController,
        FlowController,
        PropagationController,
        AccountingController,
        ScreenController,
      ],
      providers: [
        ...apiProviders(ownsTenant),
        ...screenProviders,
        ...propagationProviders,
        ScopeGuard,
        ...liveProviders,
        { provide: APP_PIPE, useValue: new StandardSchemaValidationPipe({ exceptionFactory: invalidFields }) },
      ],
    };
  }

  async onApplicationBootstrap(): Promise<void> {
    const first = await ensureFirstKey(this.#database, this.#secrets, this.#adminKey, Date.now());
    if (first) showFirstKey(first);
    this.#publisher.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#publisher.stop();
    await this.#live.close();
    await this.#writer.close();
    await Promise.all([this.#gate.close(), this.#alarms.reader.close(), this.#propagation.close()]);
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stores.close();
    await this.#database.close();
  }
}

/** To a person, not to the log: logs are kept, and a key in them would be kept too. */
function showFirstKey({ key, expiresAt }: FirstKey): void {
  process.stderr.write(
    `The first key of this installation, shown this once and valid until ${expiresAt.toISOString()}: ${key}\n` +
      'Make a lasting one with it: POST /v1/api-keys.\n',
  );
}
