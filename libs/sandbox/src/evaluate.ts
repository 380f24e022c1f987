/** `evaluate` of statistics on top of the executor: points of a window in, named values out. */
import type { CallOutcome, ScriptExecutor } from './executor.ts';
import { readEvaluation, type Evaluation } from './evaluation.ts';
import { ScriptFailure } from './failure.ts';
import type { Series } from './input-batch.ts';
import type { Script } from './script.ts';

/**
 * The script sees `{device: {uid, name, attributes}, from, to, inputs}`: two Dates, and by the name of each input an array of
 * `{time, value, quality}` in order of time, where time is a Date.
 */
export interface EvaluationInput {
  /** Flat but for its attributes; use the same object for the same device. */
  readonly device: {
    readonly uid: string;
    readonly name: string;
    readonly attributes: Readonly<Record<string, string>>;
  };
  /** Milliseconds since 1970 UTC, inclusive. */
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
  readonly inputs: Series;
}

/** One outcome per input, in order. Rejects as the executor does, never because of a script. */
export async function evaluateInputs(
  executor: ScriptExecutor,
  script: Script,
  inputs: readonly EvaluationInput[],
  signal?: AbortSignal,
): Promise<readonly (Evaluation | ScriptFailure)[]> {
  const batch = {
    count: inputs.length,
    columns: [
      { name: 'device', kind: 'shared', values: inputs.map(({ device }) => device) },
      { name: 'from', kind: 'time', values: inputs.map(({ fromMs }) => fromMs) },
      { name: 'to', kind: 'time', values: inputs.map(({ toMs }) => toMs) },
      { name: 'inputs', kind: 'series', values: inputs.map((input) => input.inputs) },
    ],
  } as const;
  const [outcomes = []] = await executor.call([{ script, functionName: 'evaluate', inputs: batch }], signal);
  return outcomes.map(evaluationOf);
}

function evaluationOf(outcome: CallOutcome): Evaluation | ScriptFailure {
  return outcome instanceof ScriptFailure ? outcome : readEvaluation(outcome.returned);
}
