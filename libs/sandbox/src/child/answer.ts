/** Answers one request: finds or loads the script, runs the batch in its isolate, and says what became of it. */
import { type decodeRequest, type Reply, replyStatus, type ReplyStatus, type ThrownReason } from '../wire.ts';
import type { BatchCaller } from '../languages/language.ts';
import type { Isolates } from './isolates.ts';

type OwnedRequest = ReturnType<typeof decodeRequest>;

export function answer(isolates: Isolates, request: OwnedRequest): Reply {
  const { callId, scriptId, logs } = request;
  const startedCpuMicros = cpuMicros();
  const { status, body } = run(isolates, request, startedCpuMicros);
  const heldKiB = logs ? Math.ceil((isolates.heldBytes(scriptId) ?? 0) / 1_024) : 0;
  return { callId, status, cpuMicros: cpuMicros() - startedCpuMicros, heldKiB, body };
}

function run(isolates: Isolates, request: OwnedRequest, startedCpuMicros: number): Pick<Reply, 'status' | 'body'> {
  let otherwise: ReplyStatus = replyStatus.invalid;
  try {
    const caller = callerOf(isolates, request);
    if (!caller) return { status: replyStatus.sourceMissing, body: '' };
    otherwise = replyStatus.threw;
    return { status: replyStatus.done, body: callBatch(caller, request) };
  } catch (error) {
    const reason = reasonOf(error);
    const busy = cpuMicros() - startedCpuMicros >= request.cpuLimitMs * 1_000;
    const status = limitOf(reason, busy) ?? otherwise;
    if (status !== otherwise) isolates.drop(request.scriptId);
    return { status, body: JSON.stringify(reason) };
  }
}

function callerOf(isolates: Isolates, { scriptId, source, functionName }: OwnedRequest): BatchCaller | undefined {
  const script = isolates.get(scriptId) ?? (source && isolates.load(scriptId, source.language, source.source));
  if (!script) return undefined;
  const caller = script.caller(functionName);
  if (!caller) throw new Error(`The script has no function ${functionName}.`);
  return caller;
}

function callBatch(caller: BatchCaller, { count, text, bytes, logs, timeLimitMs }: OwnedRequest): string {
  const options = { arguments: { copy: true }, timeout: timeLimitMs } as const;
  return caller.applySync(undefined, [count, text, bytes.buffer, logs], options) as unknown as string;
}

/** isolated-vm tells by its messages only. A script that throws such a message itself is treated like one that deserves it. */
function limitOf({ message }: ThrownReason, busy: boolean): ReplyStatus | undefined {
  if (message.includes('execution timed out')) return busy ? replyStatus.timeout : replyStatus.starved;
  if (message.includes('memory limit') || message.includes('disposed')) return replyStatus.memory;
  if (message.startsWith('The interpreter broke')) return replyStatus.broken;
  return undefined;
}

/** What a script throws need not be an Error. */
function reasonOf(error: unknown): ThrownReason {
  if (error instanceof Error) return { message: error.message, stack: String(error.stack) };
  if (typeof error === 'object' && error !== null && 'message' in error)
    return { message: String(error.message), stack: 'stack' in error ? String(error.stack) : '' };
  return { message: String(error), stack: '' };
}

function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
