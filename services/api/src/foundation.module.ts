/** What every room of the api stands on: who calls, the stores, and a place for events. */
import { CredentialHasher, SecretKey } from '@millrace/auth';
import type { FollowedConfiguration } from '@millrace/config';
import { systemClock } from '@millrace/kernel';
import { emitterOf, type Emitter, type Log, Metrics } from '@millrace/observe';
import { CONFIGURATION, LOG, SERVICE_ENVIRONMENT } from '@millrace/platform';
import { Access, CallerReader, ScopeGuard } from '@millrace/platform/rest';
import { Global, Module, type OnApplicationShutdown } from '@nestjs/common';
import { AccessController } from './access/access.controller.ts';
import { apiEvents, EVENTS } from './api-events.ts';
import type { ApiEnvironment } from './environment.ts';
import { Stores } from './stores.ts';

@Global()
@Module({
  controllers: [AccessController],
  providers: [
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
    { provide: CallerReader, useExisting: Access },
    ScopeGuard,
  ],
  exports: [EVENTS, SecretKey, Stores, Access, CallerReader, ScopeGuard],
})
export class FoundationModule implements OnApplicationShutdown {
  readonly #stores: Stores;

  constructor(stores: Stores) {
    this.#stores = stores;
  }

  onApplicationShutdown(): void {
    this.#stores.close();
  }
}
