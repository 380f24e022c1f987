/** Wires the evaluator: configuration and codecs first, then what evaluates. */
import { type AlarmEvent, type AlarmStates, type DataRowList, topics } from '@millrace/contracts';
import type { FollowedConfiguration } from '@millrace/config';
import { DeadLetterWriter, type Kafka, type Registry } from '@millrace/kafka';
import { systemClock } from '@millrace/kernel';
import { Accounting, emitterOf, type Log, Metrics } from '@millrace/observe';
import { CONFIGURATION, KAFKA, LOG, REGISTRY, SERVICE_ENVIRONMENT } from '@millrace/platform';
import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { DeviceGrace } from './device-grace.ts';
import type { EvaluatorEnvironment } from './environment.ts';
import { Evaluation } from './evaluation.ts';
import { evaluatorEvents } from './evaluator-events.ts';
import { evaluatorMetrics } from './evaluator-metrics.ts';
import { PartitionOwner } from './partition-owner.ts';
import { PointsController } from './points.controller.ts';
import { RulePlans } from './rule-plans.ts';
import { takeOverWith } from './take-over.ts';

const EMIT = Symbol('emitter');

type Emit = ReturnType<typeof newEmitter>;

@Module({
  controllers: [PointsController],
  providers: [
    { provide: EMIT, useFactory: newEmitter, inject: [LOG, Metrics] },
    {
      provide: PartitionOwner,
      useFactory: newOwner,
      inject: [KAFKA, REGISTRY, SERVICE_ENVIRONMENT, CONFIGURATION, EMIT],
    },
    {
      provide: Evaluation,
      useFactory: newEvaluation,
      inject: [PartitionOwner, REGISTRY, DeadLetterWriter, CONFIGURATION, Accounting, Metrics, EMIT],
    },
  ],
})
export class EvaluatorModule implements OnApplicationShutdown {
  readonly #owner: PartitionOwner;

  constructor(owner: PartitionOwner) {
    this.#owner = owner;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#owner.close();
  }
}

function newEmitter(log: Log, metrics: Metrics) {
  return emitterOf(evaluatorEvents, log, metrics);
}

async function newOwner(
  kafka: Kafka,
  registry: Registry,
  environment: EvaluatorEnvironment,
  { configuration }: FollowedConfiguration,
  emit: Emit,
): Promise<PartitionOwner> {
  const codecs = {
    events: await registry.codec<AlarmEvent>(topics.alarmEvents),
    states: await registry.codec<AlarmStates>(topics.alarmStates),
  };
  const plans = new RulePlans(configuration, ({ tenant, ruleId }, [error]) =>
    emit.ruleLeftOut({ tenant, ruleId, field: error?.field ?? '', reason: error?.detail ?? '' }),
  );
  const takeOver = takeOverWith({
    kafka,
    registry,
    codecs,
    plans,
    groupId: environment.MILLRACE_ALARM_EVALUATOR_GROUP,
    transactionalIdPrefix: environment.MILLRACE_ALARM_EVALUATOR_TRANSACTIONS,
  });
  return new PartitionOwner(async (partition, signal) => {
    const startMs = systemClock.monotonicMs();
    const owned = await takeOver(partition, signal);
    const tookMs = Math.round(systemClock.monotonicMs() - startMs);
    emit.partitionTakenOver({ partition, resumeOffset: String(owned.resumeOffset), tookMs });
    return owned;
  });
}

async function newEvaluation(
  owner: PartitionOwner,
  registry: Registry,
  deadLetters: DeadLetterWriter,
  { configuration }: FollowedConfiguration,
  accounting: Accounting,
  metrics: Metrics,
  emit: Emit,
): Promise<Evaluation> {
  const latency = metrics.histogram(evaluatorMetrics.latency);
  return new Evaluation({
    owner,
    points: await registry.codec<DataRowList>(topics.points),
    deadLetters,
    grace: new DeviceGrace(configuration),
    isDeleted: (tenant) => configuration.isDeleted(tenant),
    hop: accounting.hop('evaluate'),
    emit,
    onStored: (events) => {
      const nowMs = systemClock.nowMs();
      for (const { receivedAtMicros } of events) latency.observe((nowMs - receivedAtMicros / 1_000) / 1_000);
    },
    clock: systemClock,
  });
}
