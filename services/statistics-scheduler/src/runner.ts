/** Evaluates one window of one statistic: reads, evaluates, writes the results; a repeat writes the same results again. */
import type { Configuration } from '@millrace/config';
import {
  asMillraceError,
  type DeviceConfig,
  MillraceError,
  type StatisticConfig,
  type StatisticResult,
} from '@millrace/contracts';
import type { RecordProducer } from '@millrace/kafka';
import type { Clock } from '@millrace/kernel';
import type { Hop } from '@millrace/observe';
import { ScriptFailure } from '@millrace/sandbox';
import { type Window, Windows } from '@millrace/statistics';
import { pointsTableOf } from '@millrace/timeseries';
import type { DeviceSelection } from './device-selection.ts';
import type { Evaluator, Evaluators } from './evaluators.ts';
import type { DeviceInput, InputReader } from './input-reader.ts';
import { computedResult, failedResult, recordOf, type ResultContext } from './result-records.ts';
import { type Run, windowEndOf } from './run-queue.ts';
import type { StatisticsSchedulerEmitter } from './statistics-scheduler-events.ts';

/** Devices that are read, evaluated and written together: a failing store costs these and not the whole run. */
const devicesPerChunk = 100;

/** At most a minute apart: an hour. A store that is away for longer is an operator's case, and the results say so. */
export const attemptsMax = 64;

/** An instance may be asked before the configuration has reached it; so many attempts are several seconds. */
const configurationAttemptsMax = 4;

export interface RunnerParts {
  readonly configuration: Pick<Configuration, 'tenant' | 'statistic' | 'isDeleted'>;
  readonly devices: Pick<DeviceSelection, 'devicesOf'>;
  readonly evaluators: Pick<Evaluators, 'evaluatorOf'>;
  readonly reader: Pick<InputReader, 'read'>;
  /** Resolves when what the table was given before can be read. */
  readonly applied: (table: string, signal: AbortSignal) => Promise<void>;
  readonly producer: Pick<RecordProducer, 'send'>;
  readonly encode: (result: StatisticResult) => Buffer;
  /** Of results. */
  readonly hop: Hop;
  readonly emit: StatisticsSchedulerEmitter;
  readonly clock: Clock;
}

/** What a run needs of the configuration. */
interface Work {
  readonly definition: StatisticConfig;
  readonly window: Window;
}

/** How a work is done; as it is or as an error for every device. */
interface Means {
  readonly table: string;
  readonly evaluator: Evaluator;
}

interface Attempt {
  readonly run: Run;
  readonly number: number;
  readonly signal: AbortSignal;
}

export class Runner {
  readonly #parts: RunnerParts;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
  }

  /**
   * Resolves when every device of the statistic has a durable result, computed or failed, or the window is not wanted any more.
   * Throws what is worth another attempt; the last attempt writes failed results instead. `attempt` counts from 1.
   */
  async run(run: Run, attempt: number, signal: AbortSignal): Promise<void> {
    const { clock, emit } = this.#parts;
    const startedMs = clock.monotonicMs();
    const { tenant, statisticId: statistic } = run;
    try {
      const results = await this.#attempt({ run, number: attempt, signal });
      const tookMs = Math.round(clock.monotonicMs() - startedMs);
      if (results === undefined) emit.runDropped({ tenant, statistic, windowEnd: windowEndOf(run) });
      else emit.runCompleted({ tenant, statistic, windowEnd: windowEndOf(run), results, tookMs });
    } catch (error) {
      if (!signal.aborted) {
        const { code, message: reason } = asMillraceError(error);
        emit.runRetried({ tenant, statistic, attempt, code, reason });
      }
      throw error;
    }
  }

  /** The number of results; undefined: the window is not wanted any more. */
  async #attempt(attempt: Attempt): Promise<number | undefined> {
    const work = this.#workOf(attempt);
    if (!work) return undefined;
    const means = this.#meansOf(work, attempt);
    const devices = this.#parts.devices.devicesOf(work.definition);
    const { hop } = this.#parts;
    let written = 0;
    hop.in(devices.length);
    try {
      for (; written < devices.length; written += devicesPerChunk) {
        const chunk = devices.slice(written, written + devicesPerChunk);
        await this.#write(await this.#resultsOf(work, means, chunk, attempt), attempt.signal);
        hop.out(chunk.length);
      }
    } finally {
      hop.givenBack(Math.max(0, devices.length - written));
    }
    return devices.length;
  }

  /** Undefined: the configuration does not have the window, and not because it is on its way. */
  #workOf({ run, number }: Attempt): Work | undefined {
    const { tenant, statisticId, windowEndMs } = run;
    if (this.#parts.configuration.isDeleted(tenant)) return undefined;
    const definition = this.#parts.configuration.statistic(tenant, statisticId);
    const window = definition?.enabled ? windowOf(definition, windowEndMs) : undefined;
    if (definition && window) return { definition, window };
    if (number >= configurationAttemptsMax) return undefined;
    throw new MillraceError('configuration_behind', `The configuration has no such window of ${statisticId}.`);
  }

  /** What can not be helped is the result of every device. */
  #meansOf({ definition }: Work, { number }: Attempt): Means | MillraceError {
    try {
      const tenant = this.#parts.configuration.tenant(definition.tenant);
      if (!tenant) throw new MillraceError('unknown_tenant', `There is no tenant ${definition.tenant}.`);
      return { table: pointsTableOf(tenant).name, evaluator: this.#parts.evaluators.evaluatorOf(definition) };
    } catch (thrown) {
      const error = asMillraceError(thrown);
      if (error.retry === 'never' && number >= configurationAttemptsMax) return error;
      throw new MillraceError('configuration_behind', error.message, { cause: error });
    }
  }

  async #resultsOf(
    { definition, window }: Work,
    means: Means | MillraceError,
    devices: readonly DeviceConfig[],
    { number, signal }: Attempt,
  ): Promise<readonly StatisticResult[]> {
    const computedAtMicros = Math.floor(this.#parts.clock.nowMs() * 1_000);
    const scriptVersion = means instanceof MillraceError ? '' : means.evaluator.scriptVersion;
    const context: ResultContext = { definition, window, scriptVersion, computedAtMicros };
    try {
      if (means instanceof MillraceError) throw means;
      return await this.#evaluate(context, means, devices, signal);
    } catch (thrown) {
      const error = asMillraceError(thrown);
      if (signal.aborted || (error.retry !== 'never' && number < attemptsMax)) throw thrown;
      const failure = { code: error.code, detail: error.message };
      return devices.map(({ deviceUid }) => failedResult(context, deviceUid, 0, failure));
    }
  }

  async #evaluate(
    context: ResultContext,
    { table, evaluator }: Means,
    devices: readonly DeviceConfig[],
    signal: AbortSignal,
  ): Promise<readonly StatisticResult[]> {
    const { reader, applied } = this.#parts;
    await applied(table, signal);
    const read = await reader.read({ table, ...context }, devices, signal);
    const readable = read.filter((one): one is DeviceInput => !(one instanceof MillraceError));
    const outcomes = await evaluator.evaluate(
      readable.map(({ input }) => input),
      signal,
    );
    const outcomeOf = new Map(readable.map((one, index) => [one, outcomes[index]!]));
    return read.map((one, index) => {
      const { deviceUid } = devices[index]!;
      if (one instanceof MillraceError)
        return failedResult(context, deviceUid, 0, { code: one.code, detail: one.message });
      const outcome = outcomeOf.get(one)!;
      if (outcome instanceof ScriptFailure) return failedResult(context, deviceUid, one.points, outcome);
      return computedResult(context, deviceUid, one.points, outcome);
    });
  }

  async #write(results: readonly StatisticResult[], signal: AbortSignal): Promise<void> {
    const { producer, encode, emit } = this.#parts;
    await producer.send(
      results.map((result) => recordOf(result, encode)),
      signal,
    );
    const failed = results.filter(({ status }) => status === 'failed');
    const [first] = failed;
    if (!first) return;
    const { tenant, statisticId: statistic, errorCode: code, errorDetail: reason } = first;
    emit.resultsFailed({ tenant, statistic, results: failed.length, code, reason });
  }
}

/** Undefined: no window of the definition ends then, or it has none at all, of which the planner has told. */
function windowOf(definition: StatisticConfig, endMs: number): Window | undefined {
  try {
    return new Windows(definition).endingAt(endMs);
  } catch (error) {
    if (asMillraceError(error).code === 'configuration_invalid') return undefined;
    throw error;
  }
}
