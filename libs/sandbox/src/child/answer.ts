/** Answers one request: finds or loads the script, runs the batch in its isolate, and says what became of it. */
import { type decodeRequest, type Reply, replyStatus, type ReplyStatus, type ThrownReason } from '../wire.ts';
import type { BatchCaller } from '../languages/language.ts';
import { busyPart } from '../limits.ts';
import type { Isolates } from './isolates.ts';

/** In less nothing grows so much that it is worth a look. */
const growthCpuMicros = 1_000;

type OwnedRequest = ReturnType<typeof decodeRequest>;

export function answer(isolates: Isolates, request: OwnedRequest): Reply {
  const startedMicros = cpuMicros();
  const { status, body } = run(isolates, request);
  const heldKiB = request.logs ? Math.ceil((isolates.heldBytes(request.scriptId) ?? 0) / 1_024) : 0;
  const usedMicros = cpuMicros() - startedMicros;
  if (usedMicros >= growthCpuMicros) isolates.trim();
  return { callId: request.callId, status, cpuMicros: usedMicros, heldKiB, body };
}

function run(isolates: Isolates, request: OwnedRequest): Pick<Reply, 'status' | 'body'> {
  let step: Step = { otherwise: replyStatus.invalid, limitMs: isolates.loadMs, startedMicros: cpuMicros() };
  try {
    const caller = callerOf(isolates, request);
    if (!caller) return { status: replyStatus.sourceMissing, body: '' };
    step = { otherwise: replyStatus.threw, limitMs: request.timeLimitMs, startedMicros: cpuMicros() };
    return { status: replyStatus.done, body: callBatch(caller, request) };
  } catch (error) {
    const reason = reasonOf(error);
    const status = limitOf(reason, step) ?? step.otherwise;
    if (status !== step.otherwise) isolates.drop(request.scriptId);
    return { status, body: JSON.stringify(reason) };
  }
}

/** Loading, then calling. */
interface Step {
  /** What an error in it means that is no limit. */
  readonly otherwise: ReplyStatus;
  readonly limitMs: number;
  /** Of the processor. */
  readonly startedMicros: number;
}

function callerOf(isolates: Isolates, request: OwnedRequest): BatchCaller | undefined {
  const { scriptId, source, functionName, patience } = request;
  const script = isolates.get(scriptId) ?? (source && isolates.load(scriptId, source, patience));
  if (!script) return undefined;
  const caller = script.caller(functionName);
  if (!caller) throw new Error(`The script has no function ${functionName}.`);
  return caller;
}

function callBatch(caller: BatchCaller, request: OwnedRequest): string {
  const { count, text, bytes, logs, timeLimitMs, patience } = request;
  const options = { arguments: { copy: true }, timeout: timeLimitMs * patience } as const;
  return caller.applySync(undefined, [count, text, bytes.buffer, logs], options) as unknown as string;
}

/** isolated-vm tells by its messages only. A script that throws such a message itself is treated like one that deserves it. */
function limitOf({ message }: ThrownReason, { limitMs, startedMicros }: Step): ReplyStatus | undefined {
  if (message.includes('execution timed out')) {
    const isBusy = cpuMicros() - startedMicros >= limitMs * busyPart * 1_000;
    return isBusy ? replyStatus.timeout : replyStatus.starved;
  }
  if (message.includes('memory limit') || message.includes('disposed')) return replyStatus.memory;
  if (message.startsWith('The interpreter broke')) return replyStatus.broken;
  return undefined;
}

/** As for what is thrown within a call, see batch-caller.js. */
const messageCharsMax = 500;
const stackCharsMax = 2_000;

/** What a script throws need not be an Error, and may be long. */
function reasonOf(error: unknown): ThrownReason {
  const { message = error, stack = '' } = typeof error === 'object' && error !== null ? (error as Thrown) : {};
  return { message: String(message).slice(0, messageCharsMax), stack: String(stack).slice(0, stackCharsMax) };
}

interface Thrown {
  readonly message?: unknown;
  readonly stack?: unknown;
}

function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
