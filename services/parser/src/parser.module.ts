/** Wires the parser: configuration, codecs and sandbox first, then what parses. */
import type { FollowedConfiguration } from '@millrace/config';
import { type DataRowList, type RawBatch, topics } from '@millrace/contracts';
import { DeadLetterWriter, RecordProducer, type Registry } from '@millrace/kafka';
import { systemClock } from '@millrace/kernel';
import { Accounting, emitterOf, type Log, Metrics } from '@millrace/observe';
import { CONFIGURATION, invalidFields, LOG, pointsGateProviders, REGISTRY } from '@millrace/platform';
import { PointsGate } from '@millrace/quotas';
import { Sandbox } from '@millrace/sandbox';
import { Module, type OnApplicationShutdown, StandardSchemaValidationPipe } from '@nestjs/common';
import { APP_PIPE } from '@nestjs/core';
import { ConfigurationGrace } from './configuration-grace.ts';
import { PARSER_EVENTS, type ParserEmitter, parserEvents } from './parser-events.ts';
import { RawIntake } from './raw-intake.ts';
import { QuarantineController } from './quarantine.controller.ts';
import { RawController } from './raw.controller.ts';
import { RecipeBook } from './recipe.ts';
import { ScriptBatches } from './script-batches.ts';

@Module({
  controllers: [RawController, QuarantineController],
  providers: [
    { provide: APP_PIPE, useValue: new StandardSchemaValidationPipe({ exceptionFactory: invalidFields }) },
    {
      provide: PARSER_EVENTS,
      inject: [LOG, Metrics],
      useFactory: (log: Log, metrics: Metrics) => emitterOf(parserEvents, log, metrics),
    },
    ...pointsGateProviders,
    { provide: Sandbox, inject: [PARSER_EVENTS], useFactory: newSandbox },
    {
      provide: ScriptBatches,
      inject: [Sandbox],
      useFactory: (sandbox: Sandbox) => new ScriptBatches(sandbox, systemClock),
    },
    {
      provide: RawIntake,
      inject: [
        REGISTRY,
        CONFIGURATION,
        PointsGate,
        ScriptBatches,
        RecordProducer,
        DeadLetterWriter,
        Accounting,
        PARSER_EVENTS,
      ],
      useFactory: newIntake,
    },
  ],
})
export class ParserModule implements OnApplicationShutdown {
  readonly #scripts: ScriptBatches;
  readonly #sandbox: Sandbox;

  constructor(scripts: ScriptBatches, sandbox: Sandbox) {
    this.#scripts = scripts;
    this.#sandbox = sandbox;
  }

  /** After the consumers have stopped: nobody asks for a script any more. */
  async onApplicationShutdown(): Promise<void> {
    await this.#scripts.close();
    await this.#sandbox.close();
  }
}

async function newSandbox(emit: ParserEmitter): Promise<Sandbox> {
  const sandbox = new Sandbox({
    onKill: ({ name }, reason) => emit.sandboxKilled({ script: name, reason }),
    onQuarantine: ({ script, subject = '', reason, failures, restsUntilMs }) =>
      emit.scriptQuarantined({ script, subject, reason, failures, restsMs: restsUntilMs - systemClock.nowMs() }),
  });
  await sandbox.start();
  return sandbox;
}

async function newIntake(
  registry: Registry,
  { configuration }: FollowedConfiguration,
  gate: PointsGate,
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
    devices: configuration,
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
