/** What every service gets injected, around the service's own module. */
import { DeadLetterWriter, type Kafka, RecordProducer, type Registry } from '@millrace/kafka';
import { Accounting, exportAccounting, type Log, Metrics } from '@millrace/observe';
import { WorkInProgress } from '@millrace/kernel';
import { type DynamicModule, Global, Module, type OnApplicationShutdown, type Type } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { BatchStrategy } from './batch-strategy.ts';
import { measureBatches } from './consumer-metrics.ts';
import type { CommonEnvironment } from './environment.ts';
import { OperationsController } from './operations.controller.ts';
import { FollowedPart } from './followed-part.ts';
import { exportProducer } from './platform-metrics.ts';
import { ProblemFilter } from './problem.filter.ts';
import { Readiness } from './readiness.ts';
import { CONFIGURATION, KAFKA, LOG, REGISTRY, SERVICE_ENVIRONMENT } from './tokens.ts';

export interface PlatformParts {
  readonly service: string;
  /** Consumer group of methods without a purpose. */
  readonly group: string;
  readonly environment: CommonEnvironment;
  readonly log: Log;
  readonly kafka: Kafka;
  readonly registry: Registry;
  readonly followed: FollowedPart;
  readonly work: WorkInProgress;
  readonly metrics: Metrics;
  readonly readiness: Readiness;
  /** Called when a consumer has ended for good. */
  readonly onCrash: (error: unknown) => void;
}

@Global()
@Module({})
export class PlatformModule implements OnApplicationShutdown {
  readonly #producer: RecordProducer;
  readonly #followed: FollowedPart;

  constructor(producer: RecordProducer, followed: FollowedPart) {
    this.#producer = producer;
    this.#followed = followed;
  }

  static around(feature: Type | DynamicModule, parts: PlatformParts): DynamicModule {
    const { service, group, environment, log, kafka, registry, followed, work, metrics, readiness, onCrash } = parts;
    const accounting = new Accounting(service, environment.MILLRACE_INSTANCE);
    exportAccounting(accounting, metrics);
    const strategy = new BatchStrategy({ group, kafka, registry, measure: measureBatches(metrics), work, onCrash });
    const producer = new RecordProducer(kafka);
    exportProducer(metrics, producer);
    const shared = [
      { provide: LOG, useValue: log },
      { provide: KAFKA, useValue: kafka },
      { provide: REGISTRY, useValue: registry },
      { provide: CONFIGURATION, useValue: followed.configuration },
      { provide: SERVICE_ENVIRONMENT, useValue: environment },
      { provide: Metrics, useValue: metrics },
      { provide: Accounting, useValue: accounting },
      { provide: RecordProducer, useValue: producer },
      { provide: DeadLetterWriter, useValue: new DeadLetterWriter(producer) },
      { provide: Readiness, useValue: readiness },
      { provide: WorkInProgress, useValue: work },
    ];
    return {
      module: PlatformModule,
      imports: [feature],
      controllers: [OperationsController],
      providers: [
        ...shared,
        { provide: FollowedPart, useValue: followed },
        { provide: BatchStrategy, useValue: strategy },
        { provide: APP_FILTER, useClass: ProblemFilter },
      ],
      exports: shared,
    };
  }

  /** After the consumers have stopped and HTTP is closed: nobody sends any more. */
  async onApplicationShutdown(): Promise<void> {
    await this.#followed.close();
    await this.#producer.close();
  }
}
