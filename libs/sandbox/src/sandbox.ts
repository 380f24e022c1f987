/** Runs scripts in processes that may die: what a script breaks is replaced, run again one by one, and charged to the message. */
import { type Clock, systemClock } from '@millrace/kernel';
import { BatchRunner, type Limit, limitOf } from './batch-runner.ts';
import type { CallOutcome, FunctionCall, ScriptExecutor } from './executor.ts';
import { ScriptFailure } from './failure.ts';
import { inputsAt } from './input-batch.ts';
import { defaultLimits, type SandboxLimits } from './limits.ts';
import { ProcessPool } from './process-pool.ts';
import { Quarantine, type QuarantineEntry } from './quarantine.ts';
import type { Script } from './script.ts';
import type { Wall } from './walls.ts';

export interface SandboxOptions {
  readonly limits?: Partial<SandboxLimits>;
  /** Tenants are spread over so many processes; one more takes scripts that broke a limit lately. */
  readonly processes?: number;
  readonly clock?: Clock;
  /** Told about every process that a script ended or that was killed for it, with the names of script and reason. */
  readonly onKill?: (script: Script, reason: string) => void;
  /** Told whenever a script begins to rest. */
  readonly onQuarantine?: (entry: QuarantineEntry) => void;
}

/** A function's name becomes code in the isolate. */
const functionName = /^[A-Za-z_$][\w$]{0,63}$/;
/** A message is charged with the end of its process only when it happens again: somebody else may have ended the first. */
const killsMax = 2;
/** A frozen machine starves calls, and people kill processes; more in a row are no coincidence, and no reason to wait for ever. */
const triesMax = 3;

export class Sandbox implements ScriptExecutor {
  readonly #limits: SandboxLimits;
  readonly #clock: Clock;
  readonly #pool: ProcessPool;
  readonly #runner: BatchRunner;
  /** Who rests, and how it is ended. */
  readonly quarantine: Pick<Quarantine, 'list' | 'clear'>;
  readonly #quarantine: Quarantine;

  constructor({ limits = {}, processes = 1, clock = systemClock, onKill, onQuarantine }: SandboxOptions = {}) {
    this.#limits = { ...defaultLimits, ...limits };
    this.#clock = clock;
    this.#pool = new ProcessPool(this.#limits, processes, clock);
    this.#quarantine = new Quarantine(clock, onQuarantine);
    this.quarantine = this.#quarantine;
    this.#runner = new BatchRunner(this.#limits, onKill ?? (() => undefined));
  }

  /** Rejects with `internal` when a child process cannot be started. */
  start(): Promise<void> {
    return this.#pool.start();
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  /** What stands between a script that broke out and the machine: known from `start` on, as long as a process is at work. */
  get walls(): readonly Wall[] {
    return this.#pool.lanes.find(({ active }) => active)?.active?.walls ?? [];
  }

  /** The processes at work, for those who measure them; without those that are being replaced. */
  get pids(): readonly number[] {
    return this.#pool.lanes.flatMap(({ active }) => active?.pid ?? []);
  }

  call(calls: readonly FunctionCall[], signal?: AbortSignal): Promise<readonly (readonly CallOutcome[])[]> {
    return Promise.all(calls.map((call) => this.#callBatch(call, signal)));
  }

  async #callBatch(call: FunctionCall, signal: AbortSignal | undefined): Promise<readonly CallOutcome[]> {
    const { script, inputs, subjects } = call;
    if (!functionName.test(call.functionName)) throw new TypeError(`${call.functionName} is no function name.`);
    const tooLarge = tooLargeOf(script, this.#limits.sourceBytesMax);
    if (tooLarge) return repeat(tooLarge, inputs.count);
    if (inputs.count === 0) return [];
    const refusals = this.#quarantine.refusals(script, subjects, inputs.count);
    return refusals ? this.#callAwake(call, refusals, signal) : this.#callAll(call, signal);
  }

  /** Those who rest get their refusal, the others their turn. */
  async #callAwake(
    call: FunctionCall,
    refusals: readonly (ScriptFailure | undefined)[],
    signal: AbortSignal | undefined,
  ): Promise<readonly CallOutcome[]> {
    const awake = [...refusals.keys()].filter((index) => refusals[index] === undefined);
    const outcomes = awake.length === 0 ? [] : await this.#callAll(partOf(call, awake), signal);
    let next = 0;
    return refusals.map((refusal) => refusal ?? outcomes[next++]!);
  }

  async #callAll(call: FunctionCall, signal: AbortSignal | undefined): Promise<readonly CallOutcome[]> {
    if (call.inputs.count === 1) return [await this.#callSingle(call, signal)];
    for (let tries = 1; ; tries += 1) {
      const end = await this.#run(call, tries, signal);
      if (Array.isArray(end)) {
        this.#quarantine.succeeded(call.script, call.subjects);
        return end;
      }
      const limit = limitOf(end);
      if (limit?.isNobodysFault !== true) return this.#callOneByOne(call, signal);
      if (tries < triesMax) continue;
      return call.patienceMs === undefined ? this.#callOneByOne(call, signal) : repeat(deferred, call.inputs.count);
    }
  }

  /** After a batch that failed as a whole: only the message at fault fails, and a script at fault stops being run. */
  async #callOneByOne(call: FunctionCall, signal: AbortSignal | undefined): Promise<readonly CallOutcome[]> {
    const endMs = this.#clock.monotonicMs() + (call.patienceMs ?? Infinity);
    const outcomes: CallOutcome[] = [];
    for (let index = 0; index < call.inputs.count; index += 1) {
      if (this.#clock.monotonicMs() >= endMs) return [...outcomes, ...repeat(deferred, call.inputs.count - index)];
      const single = partOf(call, [index]);
      const [refusal] = this.#quarantine.refusals(call.script, single.subjects, 1) ?? [];
      outcomes.push(refusal ?? (await this.#callSingle(single, signal)));
    }
    return outcomes;
  }

  async #callSingle(call: FunctionCall, signal: AbortSignal | undefined): Promise<CallOutcome> {
    const { script, subjects } = call;
    for (let tries = 1, kills = 1; ;) {
      const end = await this.#run(call, tries, signal);
      const limit = limitOf(end);
      if (!limit) {
        this.#quarantine.succeeded(script, subjects);
        return Array.isArray(end) ? end[0]! : (end as ScriptFailure);
      }
      if (limit.isNobodysFault && tries < triesMax) tries += 1;
      else if (limit.reason === 'killed' && kills < killsMax) kills += 1;
      else return this.#charge(call, limit);
    }
  }

  /** What was starved of the processor is nobody's fault; who loses its process three times is charged, whoever ended it. */
  #charge({ script, subjects, patienceMs }: FunctionCall, { reason, costProcess }: Limit): ScriptFailure {
    if (reason === 'starved')
      return patienceMs === undefined
        ? new ScriptFailure('script_timeout', 'The script did not get the processor: the machine is overloaded.')
        : deferred;
    const charged = reason === 'taken' ? 'killed' : reason;
    this.#quarantine.failed(script, subjects?.[0], charged, costProcess);
    if (charged === 'memory')
      return new ScriptFailure('script_memory', 'The script needs more memory than it may use.');
    if (charged === 'killed') return new ScriptFailure('script_killed', 'The script ended the process it runs in.');
    return new ScriptFailure(
      'script_timeout',
      `The script took longer than ${this.#limits.callMs} ms for one message.`,
    );
  }

  /** On a process apart while the script is suspect, so that its neighbours go on. */
  async #run(call: FunctionCall, tries: number, signal: AbortSignal | undefined): ReturnType<BatchRunner['run']> {
    const lane = this.#pool.laneOf(call.script.tenant, this.#quarantine.isSuspect(call.script));
    const end = await this.#runner.run(lane, call, call.inputs.count === 1 ? tries : 1, signal);
    const limit = limitOf(end);
    // Who is killed from outside again may be the one whom the kernel ends for its memory.
    if (limit?.isNobodysFault === false || (limit?.reason === 'taken' && tries > 1))
      this.#quarantine.broke(call.script);
    return end;
  }
}

const deferred = new ScriptFailure('script_deferred', 'The script is too slow to be run among others.');

function partOf(call: FunctionCall, indexes: readonly number[]): FunctionCall {
  const { inputs, subjects, ...rest } = call;
  const part = { ...rest, inputs: inputsAt(inputs, indexes) };
  return subjects ? { ...part, subjects: indexes.map((index) => subjects[index]!) } : part;
}

function tooLargeOf({ source }: Script, sourceBytesMax: number): ScriptFailure | undefined {
  if (source.length <= sourceBytesMax && Buffer.byteLength(source) <= sourceBytesMax) return undefined;
  return new ScriptFailure('script_invalid', `The script is longer than ${sourceBytesMax} bytes.`);
}

function repeat(failure: ScriptFailure, count: number): readonly CallOutcome[] {
  return Array.from({ length: count }, () => failure);
}
