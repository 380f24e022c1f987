/** Wires the historian: the tenants' configuration first, then what stores. */
import { followConfiguration, type FollowedConfiguration } from '@millrace/config';
import { DeadLetterWriter, type Kafka, type Registry } from '@millrace/kafka';
import { Accounting, emitterOf, type Log, Metrics } from '@millrace/observe';
import { KAFKA, LOG, Readiness, REGISTRY, SERVICE_ENVIRONMENT } from '@millrace/platform';
import { Inject, Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { AlarmEventsController } from './alarm-events.controller.ts';
import type { HistorianEnvironment } from './environment.ts';
import { historianEvents } from './historian-events.ts';
import { exportStore } from './historian-metrics.ts';
import { Historian } from './historian.ts';
import { PointsController } from './points.controller.ts';
import { StatisticResultsController } from './statistic-results.controller.ts';

/** Reading the configuration takes a second; a start that cannot is repeated by whoever supervises the process. */
const configurationMsMax = 60_000;

const CONFIGURATION = Symbol('followed configuration');

@Module({
  controllers: [PointsController, AlarmEventsController, StatisticResultsController],
  providers: [
    {
      provide: CONFIGURATION,
      inject: [KAFKA, REGISTRY],
      useFactory: (kafka: Kafka, registry: Registry) =>
        followConfiguration(kafka, registry, ['tenants'], AbortSignal.timeout(configurationMsMax)),
    },
    {
      provide: Historian,
      inject: [SERVICE_ENVIRONMENT, CONFIGURATION, REGISTRY, DeadLetterWriter, Accounting, LOG, Metrics],
      useFactory: async (
        environment: HistorianEnvironment,
        { configuration }: FollowedConfiguration,
        registry: Registry,
        letters: DeadLetterWriter,
        accounting: Accounting,
        log: Log,
        metrics: Metrics,
      ) => {
        const historian = await Historian.over({
          questdbUrl: environment.MILLRACE_QUESTDB_URL,
          redisUrl: environment.MILLRACE_REDIS_URL,
          registry,
          configuration,
          letters,
          accounting,
          events: emitterOf(historianEvents, log, metrics),
        });
        exportStore(metrics, historian);
        return historian;
      },
    },
  ],
})
export class HistorianModule implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #historian: Historian;
  readonly #followed: FollowedConfiguration;
  readonly #readiness: Readiness;

  constructor(historian: Historian, @Inject(CONFIGURATION) followed: FollowedConfiguration, readiness: Readiness) {
    this.#historian = historian;
    this.#followed = followed;
    this.#readiness = readiness;
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.#historian.start();
    this.#readiness.add('tables', () => this.#historian.notReady);
  }

  /** The consumers have stopped by now. */
  async onApplicationShutdown(): Promise<void> {
    await this.#historian.stop();
    await this.#followed.close();
  }
}
