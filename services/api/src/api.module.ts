/** The rooms of the api, and what holds in all of them. */
import { invalidFields } from '@millrace/platform';
import { type DynamicModule, Module, StandardSchemaValidationPipe } from '@nestjs/common';
import { APP_PIPE } from '@nestjs/core';
import { ConfigurationModule } from './configuration/configuration.module.ts';
import { ConnectionsModule } from './connections/connections.module.ts';
import { DataModule } from './data/data.module.ts';
import { FlowModule } from './flow/flow.module.ts';
import { FoundationModule } from './foundation.module.ts';
import { JourneysModule } from './journeys/journeys.module.ts';
import { ScreenController } from './page/screen.controller.ts';

@Module({})
export class ApiModule {
  /** `ownsTenant`: see `apiDefinition`. */
  static of(ownsTenant: (tenant: string) => boolean): DynamicModule {
    return {
      module: ApiModule,
      imports: [
        FoundationModule,
        ConfigurationModule.of(ownsTenant),
        DataModule,
        JourneysModule,
        FlowModule,
        ConnectionsModule,
      ],
      controllers: [ScreenController],
      providers: [
        { provide: APP_PIPE, useValue: new StandardSchemaValidationPipe({ exceptionFactory: invalidFields }) },
      ],
    };
  }
}
