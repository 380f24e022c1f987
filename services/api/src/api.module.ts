/** Wires the api: the folder to the configuration topics, keys and stores to the routes. */
import { type FollowedConfiguration, FolderPublisher } from '@millrace/config';
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
import { AccountingController } from './accounting.controller.ts';
import { apiProviders, CONFIGURATION } from './api.providers.ts';
import { DevicesController } from './devices.controller.ts';
import { PointsController } from './points.controller.ts';
import { StatisticsController } from './statistics.controller.ts';
import { Stores } from './stores.ts';
import { TenantGuard } from './tenant.ts';

@Module({})
export class ApiModule implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  readonly #publisher: FolderPublisher;
  readonly #followed: FollowedConfiguration;
  readonly #stores: Stores;

  constructor(publisher: FolderPublisher, @Inject(CONFIGURATION) followed: FollowedConfiguration, stores: Stores) {
    this.#publisher = publisher;
    this.#followed = followed;
    this.#stores = stores;
  }

  /** `ownsTenant`: for which tenants the folder speaks; what vanishes from it is deleted for these only. */
  static of(ownsTenant: (tenant: string) => boolean): DynamicModule {
    return {
      module: ApiModule,
      controllers: [DevicesController, PointsController, StatisticsController, AccountingController],
      providers: [
        ...apiProviders(ownsTenant),
        TenantGuard,
        { provide: APP_PIPE, useValue: new StandardSchemaValidationPipe({ exceptionFactory: invalidFields }) },
      ],
    };
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.#publisher.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#publisher.stop();
    await this.#followed.close();
  }

  onApplicationShutdown(): void {
    this.#stores.close();
  }
}
