/** Reads what a batch caller wrote: the results of a batch as JSON, with the two things JSON cannot say. */
import { ScriptFailure } from './failure.ts';
import type { CallOutcome } from './executor.ts';
import { lineOfScript } from './stack-line.ts';

/** Key of the object that stands for NaN or an infinity, whose name is its value. Big integers have become numbers or text. */
const notFiniteKey = '\0';

interface BatchReply {
  readonly results: readonly unknown[];
  readonly failures: readonly { index: number; kind: 'threw' | 'result'; message: string; stack: string }[];
}

/** One outcome per input. A script that disturbed what is written loses the whole batch. */
export function readBatchReply(text: string, count: number): readonly CallOutcome[] {
  const reply = parsed(text);
  if (reply?.results.length !== count) return Array.from({ length: count }, () => disturbed);
  const outcomes: CallOutcome[] = reply.results.map((returned) => ({ returned }));
  for (const { index, kind, message, stack } of reply.failures)
    outcomes[index] =
      kind === 'threw'
        ? new ScriptFailure(
            'script_threw',
            message || 'The script threw something without a message.',
            lineOfScript(stack),
          )
        : new ScriptFailure('script_result', message || 'The result cannot be read.', lineOfScript(stack));
  return outcomes;
}

const disturbed = new ScriptFailure('script_result', 'The script disturbed how results are read.');

function parsed(text: string): BatchReply | undefined {
  try {
    return JSON.parse(text) as BatchReply;
  } catch {
    return undefined;
  }
}

/** 'NaN', 'Infinity' or '-Infinity' when the returned value stands for one. */
export function notFiniteName(value: object): string | undefined {
  return Object.hasOwn(value, notFiniteKey)
    ? String((value as Readonly<Record<string, unknown>>)[notFiniteKey])
    : undefined;
}
