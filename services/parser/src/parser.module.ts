/** Wires the parser: configuration, codecs and sandbox first, then what parses. */
import type { FollowedConfiguration } from '@millrace/config';
import { type DataRowList, type RawBatch, topics } from '@millrace/contracts';
import { DeadLetterWriter, type Kafka, RecordProducer, type Registry } from '@millrace/kafka';
import { systemClock } from '@millrace/kernel';
import { Accounting, emitterOf, type Log, Metrics } from '@millrace/observe';
import { CONFIGURATION, KAFKA, LOG, REGISTRY } from '@millrace/platform';
import { type OpenGate, openPointsGate, type PointsGate } from '@millrace/quotas';
import { Sandbox } from '@millrace/sandbox';
import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { ConfigurationGrace } from './configuration-grace.ts';
import { type ParserEmitter, parserEvents } from './parser-events.ts';
import { RawIntake } from './raw-intake.ts';
import { RawController } from './raw.controller.ts';
import { RecipeBook } from './recipe.ts';
import { ScriptBatches } from './script-batches.ts';

/** Reading what others take is a moment; a start that cannot is repeated by whoever supervises the process. */
const gateMsMax = 60_000;

const GATE = Symbol('points gate');
const EMIT = Symbol('emitter');

@Module({
  controllers: [RawController],
  providers: [
    {
      provide: EMIT,
      inject: [LOG, Metrics],
      useFactory: (log: Log, metrics: Metrics) => emitterOf(parserEvents, log, metrics),
    },
    {
      provide: GATE,
      inject: [KAFKA, REGISTRY, RecordProducer, CONFIGURATION, LOG, Metrics],
      useFactory: (
        kafka: Kafka,
        registry: Registry,
        producer: RecordProducer,
        { configuration: tenants }: FollowedConfiguration,
        log: Log,
        metrics: Metrics,
      ) => {
        const parts = { kafka, registry, producer, tenants, log, metrics, clock: systemClock };
        return openPointsGate(parts, AbortSignal.timeout(gateMsMax));
      },
    },
    { provide: Sandbox, inject: [EMIT], useFactory: newSandbox },
    {
      provide: ScriptBatches,
      inject: [Sandbox],
      useFactory: (sandbox: Sandbox) => new ScriptBatches(sandbox, systemClock),
    },
    {
      provide: RawIntake,
      inject: [REGISTRY, CONFIGURATION, GATE, ScriptBatches, RecordProducer, DeadLetterWriter, Accounting, EMIT],
      useFactory: newIntake,
    },
  ],
})
export class ParserModule implements OnApplicationShutdown {
  readonly #gate: OpenGate<PointsGate>;
  readonly #scripts: ScriptBatches;
  readonly #sandbox: Sandbox;

  constructor(@Inject(GATE) gate: OpenGate<PointsGate>, scripts: ScriptBatches, sandbox: Sandbox) {
    this.#gate = gate;
    this.#scripts = scripts;
    this.#sandbox = sandbox;
  }

  /** After the consumers have stopped: nobody asks for a script any more. */
  async onApplicationShutdown(): Promise<void> {
    await this.#scripts.close();
    await Promise.all([this.#sandbox.close(), this.#gate.close()]);
  }
}

async function newSandbox(emit: ParserEmitter): Promise<Sandbox> {
  const sandbox = new Sandbox({ onKill: ({ name }, reason) => emit.sandboxKilled({ script: name, reason }) });
  await sandbox.start();
  return sandbox;
}

async function newIntake(
  registry: Registry,
  { configuration }: FollowedConfiguration,
  { gate }: OpenGate<PointsGate>,
  scripts: ScriptBatches,
  producer: RecordProducer,
  deadLetters: DeadLetterWriter,
  accounting: Accounting,
  emit: ParserEmitter,
): Promise<RawIntake> {
  return new RawIntake({
    raw: await registry.codec<RawBatch>(topics.raw),
    points: await registry.codec<DataRowList>(topics.points),
    pointsTopic: topics.points.name,
    recipes: new RecipeBook(configuration),
    grace: new ConfigurationGrace(systemClock),
    scripts,
    gate,
    producer,
    deadLetters,
    hop: accounting.hop('parse'),
    emit,
    clock: systemClock,
  });
}
