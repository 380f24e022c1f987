/** Answers one request: finds or loads the script, runs the batch in its isolate, and says what became of it. */
import { type decodeRequest, type ThrownReason, type Reply, replyStatus, type ReplyStatus } from '../wire.ts';
import type { BatchCaller } from '../languages/language.ts';
import type { Isolates } from './isolates.ts';

/** A call that ran out of time after less than this part of it on the processor was waiting for the processor. */
const busyPart = 0.5;

type OwnedRequest = ReturnType<typeof decodeRequest>;

export function answer(isolates: Isolates, request: OwnedRequest): Reply {
  const { callId } = request;
  const startedCpuMs = cpuMs();
  let otherwise: ReplyStatus = replyStatus.invalid;
  try {
    const caller = callerOf(isolates, request);
    if (!caller) return { callId, status: replyStatus.sourceMissing, body: '' };
    otherwise = replyStatus.threw;
    return { callId, status: replyStatus.done, body: run(caller, request) };
  } catch (error) {
    const reason = reasonOf(error);
    const busy = cpuMs() - startedCpuMs >= request.timeLimitMs * busyPart;
    const status = limitOf(reason, busy) ?? otherwise;
    if (status !== otherwise) isolates.drop(request.scriptId);
    return { callId, status, body: JSON.stringify(reason) };
  }
}

function callerOf(isolates: Isolates, { scriptId, source, functionName }: OwnedRequest): BatchCaller | undefined {
  const script = isolates.get(scriptId) ?? (source && isolates.load(scriptId, source.language, source.source));
  if (!script) return undefined;
  const caller = script.caller(functionName);
  if (!caller) throw new Error(`The script has no function ${functionName}.`);
  return caller;
}

function run(caller: BatchCaller, { count, text, bytes, timeLimitMs }: OwnedRequest): string {
  const options = { arguments: { copy: true }, timeout: timeLimitMs } as const;
  return caller.applySync(undefined, [count, text, bytes.buffer], options) as unknown as string;
}

/** isolated-vm tells by its messages only. A script that throws such a message itself is treated like one that deserves it. */
function limitOf({ message }: ThrownReason, busy: boolean): ReplyStatus | undefined {
  if (message.includes('execution timed out')) return busy ? replyStatus.timeout : replyStatus.starved;
  if (message.includes('memory limit') || message.includes('disposed')) return replyStatus.memory;
  return undefined;
}

/** What a script throws need not be an Error. */
function reasonOf(error: unknown): ThrownReason {
  if (error instanceof Error) return { message: error.message, stack: String(error.stack) };
  return { message: String(error), stack: '' };
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
