/** Wires the api: the folder to the configuration topics, keys and stores to the routes. */
import { FolderPublisher, Propagation } from '@millrace/config';
import { RawWriter } from '@millrace/ingest';
import { invalidFields } from '@millrace/platform';
import {
  type BeforeApplicationShutdown,
  type DynamicModule,
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
import { DevicesController } from './devices.controller.ts';
import { FlowController } from './flow.controller.ts';
import { JourneysController } from './journeys.controller.ts';
import { OverviewController } from './overview.controller.ts';
import { PointsController } from './points.controller.ts';
import { PropagationController } from './propagation.controller.ts';
import { propagationProviders } from './propagation.providers.ts';
import { ScreenController } from './screen.controller.ts';
import { FollowedAlarms, screenProviders } from './screen.providers.ts';
import { StatisticsController } from './statistics.controller.ts';
import { Stores } from './stores.ts';
import { SenderGuard, TenantGuard } from './tenant.ts';

@Module({})
export class ApiModule implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  readonly #publisher: FolderPublisher;
  readonly #alarms: FollowedAlarms;
  readonly #propagation: Propagation;
  readonly #writer: RawWriter;
  readonly #stores: Stores;

  constructor(
    publisher: FolderPublisher,
    alarms: FollowedAlarms,
    propagation: Propagation,
    writer: RawWriter,
    stores: Stores,
  ) {
    this.#publisher = publisher;
    this.#alarms = alarms;
    this.#propagation = propagation;
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
    await this.#writer.close();
    await Promise.all([this.#alarms.reader.close(), this.#propagation.close()]);
  }

  onApplicationShutdown(): void {
    this.#stores.close();
  }
}
