/** Wires the statistics scheduler: the configuration first, then what plans and runs. */
import { followConfiguration, type FollowedConfiguration } from '@millrace/config';
import { type Kafka, RecordProducer, type Registry } from '@millrace/kafka';
import { Accounting, emitterOf, type Log, Metrics } from '@millrace/observe';
import { KAFKA, LOG, Readiness, REGISTRY, SERVICE_ENVIRONMENT } from '@millrace/platform';
import { type BeforeApplicationShutdown, Inject, Module, type OnApplicationBootstrap } from '@nestjs/common';
import type { StatisticsSchedulerEnvironment } from './environment.ts';
import { statisticsSchedulerEvents } from './statistics-scheduler-events.ts';
import { StatisticsScheduler } from './statistics-scheduler.ts';

/** Reading the configuration takes a second; a start that cannot is repeated by whoever supervises the process. */
const configurationMsMax = 60_000;

const CONFIGURATION = Symbol('followed configuration');

@Module({
  providers: [
    {
      provide: CONFIGURATION,
      inject: [KAFKA, REGISTRY],
      useFactory: (kafka: Kafka, registry: Registry) => {
        const signal = AbortSignal.timeout(configurationMsMax);
        return followConfiguration(kafka, registry, ['tenants', 'scripts', 'devices', 'statistics'], signal);
      },
    },
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
  readonly #followed: FollowedConfiguration;
  readonly #readiness: Readiness;

  constructor(
    scheduler: StatisticsScheduler,
    @Inject(CONFIGURATION) followed: FollowedConfiguration,
    readiness: Readiness,
  ) {
    this.#scheduler = scheduler;
    this.#followed = followed;
    this.#readiness = readiness;
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.#scheduler.start();
    this.#readiness.add('statistics', () => this.#scheduler.notReady);
  }

  /** Before the producer closes. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.#scheduler.stop();
    await this.#followed.close();
  }
}
