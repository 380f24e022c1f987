/** Wires the historian: the tenants' configuration first, then what stores. */
import type { FollowedConfiguration } from '@millrace/config';
import { DeadLetterWriter, type Registry } from '@millrace/kafka';
import { WorkInProgress } from '@millrace/kernel';
import { Accounting, emitterOf, type Log, Metrics } from '@millrace/observe';
import { CONFIGURATION, LOG, Readiness, REGISTRY, SERVICE_ENVIRONMENT } from '@millrace/platform';
import { Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { AlarmEventsController } from './alarm-events.controller.ts';
import type { HistorianEnvironment } from './environment.ts';
import { historianEvents } from './historian-events.ts';
import { exportStore } from './historian-metrics.ts';
import { Historian } from './historian.ts';
import { PointsController } from './points.controller.ts';
import { StatisticResultsController } from './statistic-results.controller.ts';

@Module({
  controllers: [PointsController, AlarmEventsController, StatisticResultsController],
  providers: [
    {
      provide: Historian,
      inject: [
        SERVICE_ENVIRONMENT,
        CONFIGURATION,
        REGISTRY,
        DeadLetterWriter,
        Accounting,
        WorkInProgress,
        LOG,
        Metrics,
      ],
      useFactory: async (
        environment: HistorianEnvironment,
        { configuration }: FollowedConfiguration,
        registry: Registry,
        letters: DeadLetterWriter,
        accounting: Accounting,
        work: WorkInProgress,
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
          work,
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
  readonly #readiness: Readiness;

  constructor(historian: Historian, readiness: Readiness) {
    this.#historian = historian;
    this.#readiness = readiness;
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.#historian.start();
    this.#readiness.add('tables', () => this.#historian.notReady);
  }

  /** The consumers have stopped by now. */
  async onApplicationShutdown(): Promise<void> {
    await this.#historian.stop();
  }
}
