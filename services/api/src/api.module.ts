/** Wires the api: the folder to the configuration topics, keys and stores to the routes. */
import { type FollowedConfiguration, FolderPublisher } from '@millrace/config';
import { RawWriter } from '@millrace/ingest';
import { invalidFields } from '@millrace/platform';
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
import { apiProviders, CONFIGURATION } from './api.providers.ts';
import { DevicesController } from './devices.controller.ts';
import { ExportController } from './export.controller.ts';
import { FlowController } from './flow.controller.ts';
import { JourneysController } from './journeys.controller.ts';
import { LiveFeed } from './live/live-feed.ts';
import { LiveController } from './live.controller.ts';
import { liveProviders } from './live.providers.ts';
import { OverviewController } from './overview.controller.ts';
import { PointsController } from './points.controller.ts';
import { ScreenController } from './screen.controller.ts';
import { FollowedAlarms, screenProviders } from './screen.providers.ts';
import { SeriesController } from './series.controller.ts';
import { StatisticsController } from './statistics.controller.ts';
import { Stores } from './stores.ts';
import { SenderGuard, TenantGuard } from './tenant.ts';

@Module({})
export class ApiModule implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  readonly #publisher: FolderPublisher;
  readonly #followed: FollowedConfiguration;
  readonly #alarms: FollowedAlarms;
  readonly #live: LiveFeed;
  readonly #writer: RawWriter;
  readonly #stores: Stores;

  constructor(
    publisher: FolderPublisher,
    @Inject(CONFIGURATION) followed: FollowedConfiguration,
    alarms: FollowedAlarms,
    live: LiveFeed,
    writer: RawWriter,
    stores: Stores,
  ) {
    this.#publisher = publisher;
    this.#followed = followed;
    this.#alarms = alarms;
    this.#live = live;
    this.#writer = writer;
    this.#stores = stores;
  }

  /** `ownsTenant`: for which tenants the folder speaks; what vanishes from it is deleted for these only. */
  static of(ownsTenant: (tenant: string) => boolean): DynamicModule {
    return {
      module: ApiModule,
      controllers: [
        AccessController,
        DevicesController,
        OverviewController,
        PointsController,
        SeriesController,
        ExportController,
        LiveController,
        StatisticsController,
        AlarmsController,
        JourneysController,
        FlowController,
        AccountingController,
        ScreenController,
      ],
      providers: [
        ...apiProviders(ownsTenant),
        ...screenProviders,
        ...liveProviders,
        TenantGuard,
        SenderGuard,
        { provide: APP_PIPE, useValue: new StandardSchemaValidationPipe({ exceptionFactory: invalidFields }) },
      ],
    };
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.#publisher.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#publisher.stop();
    await this.#live.close();
    await this.#writer.close();
    await Promise.all([this.#followed.close(), this.#alarms.reader.close()]);
  }

  onApplicationShutdown(): void {
    this.#stores.close();
  }
}
