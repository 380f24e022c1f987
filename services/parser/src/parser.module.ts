/** Wires the parser: configuration, codecs and sandbox first, then what parses. */
import type { FollowedConfiguration } from '@millrace/config';
import { type DataRowList, type ParkedBatch, type RawBatch, topics } from '@millrace/contracts';
import { DeadLetterWriter, GroupProgress, type Kafka, RecordProducer, type Registry } from '@millrace/kafka';
import { orAborted, Rounds, systemClock } from '@millrace/kernel';
import { Accounting, emitterOf, type Hop, type Log, Metrics } from '@millrace/observe';
import {
  CONFIGURATION,
  cpuGateProviders,
  invalidFields,
  KAFKA,
  LOG,
  pointsGateProviders,
  REGISTRY,
  SERVICE_ENVIRONMENT,
} from '@millrace/platform';
import { CpuGate, PointsGate } from '@millrace/quotas';
import { Sandbox, startTelling, tellsEvents } from '@millrace/sandbox';
import { Module, type OnApplicationShutdown, StandardSchemaValidationPipe } from '@nestjs/common';
import { APP_PIPE } from '@nestjs/core';
import { ConfigurationGrace } from './configuration-grace.ts';
import { ConnectionOwners } from './connection-owners.ts';
import type { ParserEnvironment } from './environment.ts';
import { ParkedController, parkedPurpose } from './parked.controller.ts';
import { ParkedDevices } from './parked-devices.ts';
import { ParkedIntake } from './parked-intake.ts';
import { KafkaParkedProgress } from './parked-progress.ts';
import { PARSER_EVENTS, type ParserEmitter, parserEvents } from './parser-events.ts';
import { exportParkedDevices } from './parser-metrics.ts';
import { QuarantineController } from './quarantine.controller.ts';
import { RawIntake, type RawIntakeParts } from './raw-intake.ts';
import { RawController } from './raw.controller.ts';
import { RecipeBook } from './recipe.ts';
import { ScriptBatches } from './script-batches.ts';
import { parseAlone } from './script-calls.ts';
import { SlowScripts } from './slow-scripts.ts';

/** How often it is looked whether parked devices can go. */
const returnMs = 1_000;

/** Reading the claims is a moment; a start that cannot is repeated by whoever supervises the process. */
const claimsMsMax = 60_000;

const ENDS = Symbol('what fresh and parked messages have in common');

@Module({
  controllers: [RawController, ParkedController, QuarantineController],
  providers: [
    { provide: APP_PIPE, useValue: new StandardSchemaValidationPipe({ exceptionFactory: invalidFields }) },
    {
      provide: PARSER_EVENTS,
      inject: [LOG, Metrics],
      useFactory: (log: Log, metrics: Metrics) => emitterOf(parserEvents, log, metrics),
    },
    ...pointsGateProviders,
    ...cpuGateProviders,
    { provide: Sandbox, inject: [PARSER_EVENTS, SERVICE_ENVIRONMENT], useFactory: newSandbox },
    {
      provide: ScriptBatches,
      inject: [Sandbox, CpuGate],
      useFactory: (sandbox: Sandbox, cpu: CpuGate) =>
        new ScriptBatches({ executor: sandbox, charge: cpu.charge.bind(cpu) }, systemClock),
    },
    {
      provide: ConnectionOwners,
      inject: [KAFKA, REGISTRY],
      useFactory: (kafka: Kafka, registry: Registry) =>
        ConnectionOwners.open(kafka, registry, AbortSignal.timeout(claimsMsMax)),
    },
    {
      provide: GroupProgress,
      inject: [KAFKA, SERVICE_ENVIRONMENT],
      useFactory: (kafka: Kafka, { MILLRACE_PARSER_GROUP: group }: ParserEnvironment) =>
        new GroupProgress(kafka, `${group}.${parkedPurpose}`, topics.parked.name),
    },
    { provide: ParkedDevices, inject: [KAFKA, GroupProgress, Metrics], useFactory: newParkedDevices },
    { provide: Rounds, inject: [ParkedDevices], useFactory: newReturns },
    {
      provide: ENDS,
      inject: [
        REGISTRY,
        CONFIGURATION,
        PointsGate,
        CpuGate,
        RecordProducer,
        DeadLetterWriter,
        Accounting,
        PARSER_EVENTS,
      ],
      useFactory: newEnds,
    },
    {
      provide: RawIntake,
      inject: [ENDS, ScriptBatches, ParkedDevices, ConnectionOwners],
      useFactory: (ends: CommonEnds, scripts: ScriptBatches, parkedDevices: ParkedDevices, owners: ConnectionOwners) =>
        new RawIntake({
          ...ends,
          owners,
          parkedTopic: topics.parked.name,
          scripts,
          parkedDevices,
          slowScripts: new SlowScripts(systemClock),
          hop: ends.hops.fresh,
        }),
    },
    {
      provide: ParkedIntake,
      inject: [ENDS, Sandbox],
      useFactory: (ends: CommonEnds, executor: Sandbox) =>
        new ParkedIntake({
          ...ends,
          rawTopic: topics.raw.name,
          pointsLanesFrom: topics.raw.partitions,
          parse: (messages, signal) =>
            parseAlone(messages, { executor, charge: ends.cpu.charge.bind(ends.cpu) }, signal),
          hop: ends.hops.parked,
        }),
    },
  ],
})
export class ParserModule implements OnApplicationShutdown {
  readonly #returns: Rounds;
  readonly #progress: GroupProgress;
  readonly #scripts: ScriptBatches;
  readonly #sandbox: Sandbox;
  readonly #owners: ConnectionOwners;

  constructor(
    returns: Rounds,
    progress: GroupProgress,
    scripts: ScriptBatches,
    sandbox: Sandbox,
    owners: ConnectionOwners,
  ) {
    this.#returns = returns;
    this.#progress = progress;
    this.#scripts = scripts;
    this.#sandbox = sandbox;
    this.#owners = owners;
  }

  /** After the consumers have stopped: nobody asks for a script any more. */
  async onApplicationShutdown(): Promise<void> {
    await this.#returns.stop();
    await this.#progress.close();
    await this.#scripts.close();
    await this.#sandbox.close();
    await this.#owners.close();
  }
}

async function newSandbox(
  emit: ParserEmitter,
  { MILLRACE_SANDBOX_PROCESSES: processes }: ParserEnvironment,
): Promise<Sandbox> {
  const sandbox = new Sandbox({ processes, ...tellsEvents(emit) });
  await startTelling(sandbox, emit);
  return sandbox;
}

function newParkedDevices(kafka: Kafka, progress: GroupProgress, metrics: Metrics): ParkedDevices {
  const devices = new ParkedDevices(new KafkaParkedProgress(kafka, topics.parked.name, progress));
  exportParkedDevices(metrics, devices);
  return devices;
}

/** While Kafka is away they stay. */
function newReturns(devices: ParkedDevices): Rounds {
  const round = (signal: AbortSignal): Promise<void> => orAborted(devices.release(), signal).catch(() => undefined);
  const rounds = new Rounds({ pauseMs: returnMs, clock: systemClock, round });
  rounds.start();
  return rounds;
}

type CommonEnds = Omit<
  RawIntakeParts & { readonly parked: { decode(bytes: Buffer): ParkedBatch } },
  'hop' | 'parkedTopic' | 'scripts' | 'parkedDevices' | 'owners' | 'slowScripts' | 'cpu'
> & { readonly cpu: CpuGate; readonly hops: Readonly<Record<'fresh' | 'parked', Hop>> };

async function newEnds(
  registry: Registry,
  { configuration }: FollowedConfiguration,
  gate: PointsGate,
  cpu: CpuGate,
  producer: RecordProducer,
  deadLetters: DeadLetterWriter,
  accounting: Accounting,
  emit: ParserEmitter,
): Promise<CommonEnds> {
  return {
    raw: await registry.codec<RawBatch>(topics.raw),
    parked: await registry.codec<ParkedBatch>(topics.parked),
    points: await registry.codec<DataRowList>(topics.points),
    pointsTopic: topics.points.name,
    recipes: new RecipeBook(configuration),
    devices: configuration,
    grace: new ConfigurationGrace(systemClock),
    gate,
    cpu,
    producer,
    deadLetters,
    hops: { fresh: accounting.hop('parse'), parked: accounting.hop('parse-parked') },
    emit,
    clock: systemClock,
  };
}
