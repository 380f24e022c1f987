/** Wires the statistics scheduler: the configuration first, then what plans and runs. */
import type { FollowedConfiguration } from '@millrace/config';
import { RecordProducer, type Registry } from '@millrace/kafka';
import { Accounting, emitterOf, type Log, Metrics } from '@millrace/observe';
import { CONFIGURATION, LOG, Readiness, REGISTRY, SERVICE_ENVIRONMENT } from '@millrace/platform';
import { type BeforeApplicationShutdown, Module, type OnApplicationBootstrap } from '@nestjs/common';
import type { StatisticsSchedulerEnvironment } from './environment.ts';
import { statisticsSchedulerEvents } from './statistics-scheduler-events.ts';
import { StatisticsScheduler } from './statistics-scheduler.ts';

@Module({
  providers: [
    {
      provide: StatisticsScheduler,
      inject: [SERVICE_ENVIRONMENT, CONFIGURATION, REGISTRY, RecordProducer, Accounting, LOG, Metrics],
      useFactory: (
        environment: StatisticsSchedulerEnvironment,
        { configuration }: FollowedConfiguration,
        registry: Registry,
        producer: RecordProducer,
        accounting: Accounting,
        log: Log,
        metrics: Metrics,
      ) =>
        StatisticsScheduler.over({
          questdbUrl: environment.MILLRACE_QUESTDB_URL,
          redisUrl: environment.MILLRACE_REDIS_URL,
          queue: environment.MILLRACE_STATISTICS_QUEUE,
          registry,
          configuration,
          producer,
          accounting,
          emit: emitterOf(statisticsSchedulerEvents, log, metrics),
        }),
    },
  ],
})
export class StatisticsSchedulerModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #scheduler: StatisticsScheduler;
  readonly #readiness: Readiness;

  constructor(scheduler: StatisticsScheduler, readiness: Readiness) {
    this.#scheduler = scheduler;
    this.#readiness = readiness;
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.#scheduler.start();
    this.#readiness.add('statistics', () => this.#scheduler.notReady);
  }

  /** Before the producer closes. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.#scheduler.stop();
  }
}
