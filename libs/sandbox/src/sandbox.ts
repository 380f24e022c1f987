/** Runs scripts in a process that may die: what a script breaks is replaced, run again one by one, and charged to the message. */
import { type Clock, systemClock } from '@millrace/kernel';
import type { CallOutcome, FunctionCall, ScriptExecutor } from './executor.ts';
import { ScriptFailure } from './failure.ts';
import { encodeInputs, singleInput } from './input-batch.ts';
import { readBatchReply } from './json-result.ts';
import { defaultLimits, type SandboxLimits } from './limits.ts';
import { ProcessPool } from './process-pool.ts';
import { Quarantine } from './quarantine.ts';
import type { Answer, SandboxProcess } from './sandbox-process.ts';
import type { Script } from './script.ts';
import { lineOfScript, withoutPlace } from './stack-line.ts';
import { type ThrownReason, type Request, replyStatus } from './wire.ts';

export interface SandboxOptions {
  readonly limits?: Partial<SandboxLimits>;
  readonly clock?: Clock;
  /** Told about every process that a script ended or that was killed for it, with the names of script and reason. */
  readonly onKill?: (script: Script, reason: string) => void;
}

/** A function's name becomes code in the isolate. */
const functionName = /^[A-Za-z_$][\w$]{0,63}$/;
/** A message is charged with the end of its process only when it happens again: somebody else may have ended the first. */
const killsMax = 2;
/** A frozen machine starves every call; this many in a row are no coincidence. */
const starvedMax = 5;

/** How a batch ended: with an outcome for each input, or as a whole, which says nothing of its single messages yet. */
type BatchEnd = readonly CallOutcome[] | ScriptFailure | Limit;
type Limit = 'timeout' | 'memory' | 'starved' | 'killed';

export class Sandbox implements ScriptExecutor {
  readonly #limits: SandboxLimits;
  readonly #pool: ProcessPool;
  readonly #quarantine: Quarantine;
  readonly #onKill: (script: Script, reason: string) => void;
  readonly #scriptIds = new WeakMap<Script, number>();
  #lastScriptId = 0;

  constructor({ limits = {}, clock = systemClock, onKill = () => undefined }: SandboxOptions = {}) {
    this.#limits = { ...defaultLimits, ...limits };
    this.#pool = new ProcessPool(this.#limits, clock);
    this.#quarantine = new Quarantine(clock);
    this.#onKill = onKill;
  }

  /** Rejects with `internal` when the child process cannot be started. */
  start(): Promise<void> {
    return this.#pool.start();
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  /** The process at work, for those who measure it; undefined while it is being replaced. */
  get pid(): number | undefined {
    return this.#pool.active?.pid;
  }

  call(calls: readonly FunctionCall[], signal?: AbortSignal): Promise<readonly (readonly CallOutcome[])[]> {
    return Promise.all(calls.map((call) => this.#callBatch(call, signal)));
  }

  async #callBatch(call: FunctionCall, signal: AbortSignal | undefined): Promise<readonly CallOutcome[]> {
    const { script, inputs } = call;
    if (!functionName.test(call.functionName)) throw new TypeError(`${call.functionName} is no function name.`);
    const refusal = this.#quarantine.failureOf(script) ?? tooLarge(script, this.#limits.sourceBytesMax);
    if (refusal) return repeat(refusal, inputs.count);
    if (inputs.count === 0) return [];
    if (inputs.count === 1) return [await this.#callSingle(call, signal)];
    const end = await this.#run(call, signal);
    if (typeof end === 'string' || end instanceof ScriptFailure) return this.#callOneByOne(call, signal);
    this.#quarantine.succeeded(script);
    return end;
  }

  /** After a batch that failed as a whole: only the message at fault fails, and a script at fault stops being run. */
  async #callOneByOne(call: FunctionCall, signal: AbortSignal | undefined): Promise<readonly CallOutcome[]> {
    const outcomes: CallOutcome[] = [];
    for (let index = 0; index < call.inputs.count; index += 1) {
      const rest = this.#quarantine.failureOf(call.script);
      if (rest) return [...outcomes, ...repeat(rest, call.inputs.count - index)];
      outcomes.push(await this.#callSingle({ ...call, inputs: singleInput(call.inputs, index) }, signal));
    }
    return outcomes;
  }

  async #callSingle(call: FunctionCall, signal: AbortSignal | undefined): Promise<CallOutcome> {
    for (let starved = 1, kills = 1; ;) {
      const end = await this.#run(call, signal);
      if (typeof end !== 'string') {
        this.#quarantine.succeeded(call.script);
        return end instanceof ScriptFailure ? end : end[0]!;
      }
      if (end === 'starved' && starved < starvedMax) starved += 1;
      else if (end === 'killed' && kills < killsMax) kills += 1;
      else {
        this.#quarantine.failed(call.script);
        return this.#failureOf(end);
      }
    }
  }

  #failureOf(end: Limit): ScriptFailure {
    if (end === 'memory') return new ScriptFailure('script_memory', 'The script needs more memory than it may use.');
    if (end === 'killed') return new ScriptFailure('script_killed', 'The script ended the process it runs in.');
    return new ScriptFailure(
      'script_timeout',
      `The script took longer than ${this.#limits.callMs} ms for one message.`,
    );
  }

  /** Sends the batch until a process answers it or ends because of it. */
  async #run(call: FunctionCall, signal: AbortSignal | undefined): Promise<BatchEnd> {
    const request = this.#requestOf(call);
    for (let withSource = false; ;) {
      signal?.throwIfAborted();
      const child = this.#pool.active ?? (await this.#pool.replaced());
      withSource ||= !child.knows(request.scriptId);
      const answer = await child.send({ ...request, source: withSource ? call.script : undefined });
      withSource = answer !== 'lost' && typeof answer !== 'string' && answer.status === replyStatus.sourceMissing;
      if (!withSource && answer !== 'lost') return this.#endOf(answer, call, child);
    }
  }

  #requestOf({ script, functionName: name, inputs }: FunctionCall): Omit<Request, 'callId' | 'source'> {
    const { callMs, furtherMessageMs } = this.#limits;
    return {
      scriptId: this.#scriptIdOf(script),
      timeLimitMs: callMs + furtherMessageMs * (inputs.count - 1),
      count: inputs.count,
      functionName: name,
      ...encodeInputs(inputs),
    };
  }

  #scriptIdOf(script: Script): number {
    const known = this.#scriptIds.get(script);
    if (known !== undefined) return known;
    this.#lastScriptId += 1;
    this.#scriptIds.set(script, this.#lastScriptId);
    return this.#lastScriptId;
  }

  #endOf(answer: Exclude<Answer, 'lost'>, { script, inputs }: FunctionCall, child: SandboxProcess): BatchEnd {
    if (typeof answer === 'string') {
      this.#onKill(script, answer);
      return answer;
    }
    switch (answer.status) {
      case replyStatus.done:
        return readBatchReply(answer.body, inputs.count);
      case replyStatus.invalid:
        return repeat(failureOf('script_invalid', JSON.parse(answer.body) as ThrownReason), inputs.count);
      case replyStatus.threw:
        return failureOf('script_threw', JSON.parse(answer.body) as ThrownReason);
      case replyStatus.timeout:
        return 'timeout';
      case replyStatus.memory:
        return 'memory';
      case replyStatus.starved:
        return 'starved';
      case replyStatus.sourceMissing:
      case replyStatus.hello:
        child.kill();
        return 'killed';
    }
  }
}

function failureOf(code: 'script_invalid' | 'script_threw', { message, stack }: ThrownReason): ScriptFailure {
  const detail = withoutPlace(message) || 'The script threw something without a message.';
  return new ScriptFailure(code, detail, lineOfScript(`${message}\n${stack}`));
}

function tooLarge({ source }: Script, sourceBytesMax: number): ScriptFailure | undefined {
  if (source.length <= sourceBytesMax && Buffer.byteLength(source) <= sourceBytesMax) return undefined;
  return new ScriptFailure('script_invalid', `The script is longer than ${sourceBytesMax} bytes.`);
}

function repeat(failure: ScriptFailure, count: number): readonly CallOutcome[] {
  return Array.from({ length: count }, () => failure);
}
