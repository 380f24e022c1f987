/** Runs the samples of a decoding script, and says of each what came of it and whether that was expected. */
import { callOfUplinks } from './decode-uplink.ts';
import type { CallOutcome, ScriptExecutor, ScriptUsage } from './executor.ts';
import { ScriptFailure } from './failure.ts';
import type { FlatRow } from './flatten.ts';
import { type UplinkSample, uplinkOf } from './sample.ts';
import { differenceOf } from './sample-difference.ts';
import type { Script } from './script.ts';
import { readUplinkResult } from './uplink-result.ts';

export interface SampleResult {
  readonly name: string;
  /** Undefined: nothing was expected. */
  readonly passed: boolean | undefined;
  /** With the time that the script gave them; null: that of the message. None where it failed. */
  readonly rows: readonly FlatRow[];
  readonly failure: ScriptFailure | undefined;
  /** In what it is not as expected, one sentence. */
  readonly difference: string | undefined;
  readonly warnings: readonly string[];
  /** What the script printed. */
  readonly logs: readonly string[];
}

export interface SampleRun {
  /** One for each sample, in order. */
  readonly results: readonly SampleResult[];
  /** Of all samples together, with loading the script. */
  readonly cpuMs: number;
  /** The most that the isolate held after a call; undefined: it did not live that long. */
  readonly heapBytes: number | undefined;
}

export interface SampleRunOptions {
  /** As in FunctionCall: samples that were not reached within it fail with `script_deferred`. */
  readonly patienceMs?: number;
  readonly signal?: AbortSignal;
}

/** Rejects as the executor does, never because of a script. */
export async function runSamples(
  executor: ScriptExecutor,
  script: Script,
  samples: readonly UplinkSample[],
  { signal, ...options }: SampleRunOptions = {},
): Promise<SampleRun> {
  let cpuMs = 0;
  let heapBytes: number | undefined;
  const call = {
    ...callOfUplinks({ script, uplinks: samples.map(uplinkOf) }),
    ...options,
    // Each by itself: that others break a limit is no reason not to run it.
    subjects: samples.map((_, index) => String(index)),
    logs: true,
    onUsage: (usage: ScriptUsage) => {
      cpuMs += usage.cpuMs;
      if (usage.heapBytes !== undefined) heapBytes = Math.max(heapBytes ?? 0, usage.heapBytes);
    },
  };
  const [outcomes = []] = await executor.call([call], signal);
  return { results: samples.map((sample, index) => resultOf(sample, outcomes[index]!)), cpuMs, heapBytes };
}

function resultOf({ name, expected }: UplinkSample, outcome: CallOutcome): SampleResult {
  const read = outcome instanceof ScriptFailure ? outcome : readUplinkResult(outcome.returned);
  const failure = read instanceof ScriptFailure ? read : undefined;
  const rows = read instanceof ScriptFailure ? [] : read.rows.map((row) => withTime(row, read.timeMicros));
  const difference = expected === undefined ? undefined : differenceOf(expected, failure ?? rows);
  return {
    name,
    passed: expected === undefined ? undefined : difference === undefined,
    rows,
    failure,
    difference,
    warnings: read instanceof ScriptFailure ? [] : read.warnings,
    logs: outcome.logs ?? [],
  };
}

/** A row without a time of its own has that which the script gave the message. */
function withTime(row: FlatRow, messageMicros: number | null): FlatRow {
  return { ...row, timeMicros: row.timeMicros ?? messageMicros };
}
