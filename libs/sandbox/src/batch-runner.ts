/** Sends one batch to a process until it is answered or ends because of it, and reads what came back. */
import { orAborted } from '@millrace/kernel';
import type { CallOutcome, FunctionCall } from './executor.ts';
import { ScriptFailure } from './failure.ts';
import { encodeInputs } from './input-batch.ts';
import { readBatchReply } from './json-result.ts';
import type { SandboxLimits } from './limits.ts';
import type { Lane } from './process-pool.ts';
import type { LostReason, SandboxProcess } from './sandbox-process.ts';
import type { Script } from './script.ts';
import { lineOfScript, withoutPlace } from './stack-line.ts';
import { type Reply, replyStatus, type Request, type ThrownReason } from './wire.ts';

/** Whoever was starved of the processor gets so many times the time when it is tried again: then a share of 1/30 is enough. */
const patienceGrowth = 4;

/** A limit that the batch broke as a whole, which says nothing of its single messages yet. */
export class Limit {
  readonly reason: Exclude<LostReason, 'lost'>;
  /** The process had to be replaced. */
  readonly costProcess: boolean;

  constructor(reason: Limit['reason'], costProcess: boolean) {
    this.reason = reason;
    this.costProcess = costProcess;
  }

  /** The processor, or the process, was taken away from it. */
  get isNobodysFault(): boolean {
    return this.reason === 'starved' || this.reason === 'taken';
  }
}

/** An outcome for each input; or why there is none for the batch as a whole. */
export type BatchEnd = readonly CallOutcome[] | ScriptFailure | Limit;

export function limitOf(end: BatchEnd): Limit | undefined {
  return end instanceof Limit ? end : undefined;
}

const limitOfStatus = {
  [replyStatus.timeout]: new Limit('timeout', false),
  [replyStatus.memory]: new Limit('memory', false),
  [replyStatus.starved]: new Limit('starved', false),
  [replyStatus.broken]: new Limit('killed', false),
} as const;

export class BatchRunner {
  readonly #limits: SandboxLimits;
  readonly #onKill: (script: Script, reason: string) => void;
  readonly #scriptIds = new WeakMap<Script, number>();
  #lastScriptId = 0;

  constructor(limits: SandboxLimits, onKill: (script: Script, reason: string) => void) {
    this.#limits = limits;
    this.#onKill = onKill;
  }

  /** `tries`: from 1; each has more time than the one before. Rejects as the lane does, and with the signal's reason. */
  async run(lane: Lane, call: FunctionCall, tries: number, signal: AbortSignal | undefined): Promise<BatchEnd> {
    const request = this.#requestOf(call, tries);
    for (let withSource = false; ;) {
      signal?.throwIfAborted();
      const child = lane.active ?? (signal ? await orAborted(lane.replaced(), signal) : await lane.replaced());
      withSource ||= !child.knows(request.scriptId);
      const answer = await child.send({ ...request, source: withSource ? call.script : undefined });
      if ('lost' in answer) {
        if (answer.lost === 'lost') continue;
        call.onUsage?.({ cpuMs: answer.cpuMs, heapBytes: undefined });
        this.#onKill(call.script, answer.lost);
        return new Limit(answer.lost, true);
      }
      call.onUsage?.({ cpuMs: answer.cpuMicros / 1_000, heapBytes: answer.heldKiB * 1_024 || undefined });
      withSource = answer.status === replyStatus.sourceMissing;
      if (!withSource) return endOrKill(answer, call, child);
    }
  }

  #requestOf(
    { script, functionName, inputs, logs = false }: FunctionCall,
    tries: number,
  ): Omit<Request, 'callId' | 'source'> {
    const { callMs, furtherMessageMs } = this.#limits;
    return {
      scriptId: this.#scriptIdOf(script),
      timeLimitMs: callMs + furtherMessageMs * (inputs.count - 1),
      patience: patienceGrowth ** (tries - 1),
      count: inputs.count,
      logs,
      functionName,
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
}

/** A child that answers what nobody can read is none of ours any more. */
function endOrKill(reply: Reply, call: FunctionCall, child: SandboxProcess): BatchEnd {
  try {
    const end = endOf(reply, call);
    if (end) return end;
  } catch {
    // As below.
  }
  child.kill();
  return new Limit('killed', true);
}

function endOf({ status, body }: Reply, { inputs }: FunctionCall): BatchEnd | undefined {
  switch (status) {
    case replyStatus.done:
      return readBatchReply(body, inputs.count);
    case replyStatus.invalid: {
      const failure = failureOf('script_invalid', JSON.parse(body) as ThrownReason);
      return Array.from({ length: inputs.count }, () => failure);
    }
    case replyStatus.threw:
      return failureOf('script_threw', JSON.parse(body) as ThrownReason);
    case replyStatus.timeout:
    case replyStatus.memory:
    case replyStatus.starved:
    case replyStatus.broken:
      return limitOfStatus[status];
    case replyStatus.sourceMissing:
    case replyStatus.hello:
      return undefined;
  }
}

function failureOf(code: 'script_invalid' | 'script_threw', { message, stack }: ThrownReason): ScriptFailure {
  const detail = withoutPlace(message) || 'The script threw something without a message.';
  return new ScriptFailure(code, detail, lineOfScript(`${message}\n${stack}`));
}
