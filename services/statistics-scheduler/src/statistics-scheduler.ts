/** The parts of the statistics scheduler, put together over QuestDB, Redis, Kafka and the sandbox. */
import type { Configuration } from '@millrace/config';
import { asMillraceError, type StatisticResult, topics } from '@millrace/contracts';
import type { RecordProducer, Registry } from '@millrace/kafka';
import { retrying, systemClock } from '@millrace/kernel';
import type { Accounting } from '@millrace/observe';
import { Sandbox, type SandboxLimits, startTelling, tellsEvents } from '@millrace/sandbox';
import {
  awaitApplied,
  ensureTable,
  QuestDb,
  StatisticResultQuery,
  statisticResultsTable,
  WindowQuery,
} from '@millrace/timeseries';
import { DeviceSelection } from './device-selection.ts';
import { Evaluators } from './evaluators.ts';
import { InputReader } from './input-reader.ts';
import { Planner } from './planner.ts';
import { RunQueue } from './run-queue.ts';
import { Runner } from './runner.ts';
import type { StatisticsSchedulerEmitter } from './statistics-scheduler-events.ts';

/**
 * A window is a thousand times a message: 100,000 points take 100 ms to cross and 30 MB. A result is a handful of values,
 * and has to fit into a record.
 */
const sandboxLimits: Partial<SandboxLimits> = {
  callMs: 5_000,
  furtherMessageMs: 50,
  isolateMemoryMb: 128,
  isolatesMax: 16,
  resultCharsMax: 64 * 1024,
};

const startDelays = { delayMsMin: 200, delayMsMax: 2_000 };

export interface StatisticsSchedulerOptions {
  readonly questdbUrl: string;
  readonly redisUrl: string;
  readonly queue: string;
  readonly registry: Pick<Registry, 'codec'>;
  readonly configuration: Configuration;
  readonly producer: Pick<RecordProducer, 'send'>;
  readonly accounting: Accounting;
  readonly emit: StatisticsSchedulerEmitter;
}

export class StatisticsScheduler {
  readonly #store: QuestDb;
  readonly #sandbox: Sandbox;
  readonly #emit: StatisticsSchedulerEmitter;
  readonly #planner: Planner;
  readonly #queue: RunQueue;
  readonly #stopping = new AbortController();
  #following: Promise<void> = Promise.resolve();
  #notReady: string | undefined = 'The table of results in QuestDB was not looked at yet.';

  /** The codec is asked of the registry; nothing else is asked before `start`. */
  static async over(options: StatisticsSchedulerOptions): Promise<StatisticsScheduler> {
    const codec = await options.registry.codec<StatisticResult>(topics.statisticResults);
    return new StatisticsScheduler(options, (result) => codec.encode(result));
  }

  private constructor(options: StatisticsSchedulerOptions, encode: (result: StatisticResult) => Buffer) {
    const { configuration, producer, accounting, emit } = options;
    const store = new QuestDb(options.questdbUrl);
    const sandbox = new Sandbox({ limits: sandboxLimits, ...tellsEvents(emit) });
    const runner = new Runner({
      configuration,
      devices: new DeviceSelection(configuration),
      evaluators: new Evaluators(configuration, sandbox),
      reader: new InputReader(new WindowQuery(store)),
      applied: (table, signal) => awaitApplied(store, [table], signal),
      producer,
      encode,
      hop: accounting.hop('evaluate'),
      emit,
      clock: systemClock,
    });
    this.#store = store;
    this.#sandbox = sandbox;
    this.#emit = emit;
    this.#queue = new RunQueue({
      redisUrl: options.redisUrl,
      name: options.queue,
      run: (run, attempt) => runner.run(run, attempt, this.#stopping.signal),
      onAbandoned: (run, reason) => emit.runAbandoned({ run, reason }),
      onError: (error) => emit.queueFailed({ error }),
    });
    this.#planner = new Planner({
      configuration,
      queue: this.#queue,
      stored: new StatisticResultQuery(store),
      emit,
      clock: systemClock,
    });
  }

  /** Why windows may stay without a result; undefined: they do not. */
  get notReady(): string | undefined {
    return this.#notReady ?? this.#planner.notReady;
  }

  /** Begins to run what is due, and to plan as soon as QuestDB can say what there is. */
  async start(): Promise<void> {
    await startTelling(this.#sandbox, this.#emit);
    this.#queue.start();
    this.#following = this.#follow();
  }

  /** Runs under way end without a result and come again, here or elsewhere. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('The service stops.'));
    await this.#following;
    await this.#queue.close();
    await this.#sandbox.close();
    this.#store.close();
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stopping;
    try {
      await retrying(() => ensureTable(this.#store, statisticResultsTable, signal), startDelays, signal);
    } catch (error) {
      this.#notReady = asMillraceError(error).message;
      return;
    }
    this.#notReady = undefined;
    await this.#planner.follow(signal);
  }
}
