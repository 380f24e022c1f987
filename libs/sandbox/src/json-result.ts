/** Reads what a batch caller wrote: the results of a batch as JSON, with the two things JSON cannot say. */
import { ScriptFailure } from './failure.ts';
import type { CallOutcome } from './executor.ts';
import { lineOfScript } from './stack-line.ts';

/** Key of the object that stands for NaN or an infinity, whose name is its value. Big integers have become numbers or text. */
const notFiniteKey = '\0';

interface BatchReply {
  readonly results: readonly unknown[];
  readonly failures: readonly BatchFailure[];
  /** Lines with the index of their input. */
  readonly logs?: readonly (readonly [number, string])[];
}

interface BatchFailure {
  readonly index: number;
  readonly kind: 'threw' | 'result' | 'memory';
  readonly message: string;
  readonly stack: string;
}

/** One outcome per input. A script that disturbed what is written loses the whole batch. */
export function readBatchReply(text: string, count: number): readonly CallOutcome[] {
  const reply = parsed(text);
  if (reply?.results.length !== count) return Array.from({ length: count }, () => disturbed);
  const logs = logsOf(reply);
  const outcomes: CallOutcome[] = reply.results.map((returned, index) =>
    logs ? { returned, logs: logs.get(index) ?? [] } : { returned },
  );
  for (const failure of reply.failures)
    if (failure.index < count) outcomes[failure.index] = failureOf(failure, logs?.get(failure.index));
  return outcomes;
}

const failureCodes = { threw: 'script_threw', result: 'script_result', memory: 'script_memory' } as const;

function failureOf({ kind, message, stack }: BatchFailure, logs: readonly string[] | undefined): ScriptFailure {
  const fallback = kind === 'threw' ? 'The script threw something without a message.' : 'The result cannot be read.';
  return new ScriptFailure(failureCodes[kind], message || fallback, lineOfScript(stack), logs);
}

function logsOf({ logs }: BatchReply): ReadonlyMap<number, string[]> | undefined {
  if (!logs) return undefined;
  const byInput = new Map<number, string[]>();
  for (const [index, line] of logs) {
    const lines = byInput.get(index);
    if (lines) lines.push(line);
    else byInput.set(index, [line]);
  }
  return byInput;
}

const disturbed = new ScriptFailure('script_result', 'The script disturbed how results are read.');

function parsed(text: string): BatchReply | undefined {
  try {
    return JSON.parse(text) as BatchReply;
  } catch {
    return undefined;
  }
}

const notFiniteNames: readonly unknown[] = ['NaN', 'Infinity', '-Infinity'];

/** 'NaN', 'Infinity' or '-Infinity' when the returned value stands for one. A script may have made such an object itself. */
export function notFiniteName(value: object): string | undefined {
  const name = Object.hasOwn(value, notFiniteKey) && (value as Readonly<Record<string, unknown>>)[notFiniteKey];
  return notFiniteNames.includes(name) ? (name as string) : undefined;
}
