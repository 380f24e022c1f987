/** A run of samples as JSON has it, for the answers of programs. */
import { isoTimeOf } from '@millrace/contracts';
import type { FlatValue } from './flatten.ts';
import type { SampleResult, SampleRun } from './sample-run.ts';

export interface RunReport {
  /** Every sample with an expectation is as expected; null: there is none. */
  readonly passed: boolean | null;
  readonly results: readonly {
    readonly name: string;
    /** Null: nothing was expected. */
    readonly passed: boolean | null;
    readonly rows: readonly {
      readonly name: string;
      readonly value: FlatValue;
      /** Null: that of the message. */
      readonly time: string | null;
      /** 0 good, 1 uncertain, 2 bad. */
      readonly quality: number;
      /** Of the sub-device that it is about; null: the sender itself. */
      readonly identificationCode: string | null;
    }[];
    /** `line` is that of the source, from 1. */
    readonly failure: { readonly code: string; readonly detail: string; readonly line: number | null } | null;
    readonly difference: string | null;
    readonly warnings: readonly string[];
    readonly logs: readonly string[];
  }[];
  readonly cpuMs: number;
  readonly heapBytes: number | null;
}

export function reportOf({ results, cpuMs, heapBytes }: SampleRun): RunReport {
  const expected = results.filter(({ passed }) => passed !== undefined);
  return {
    passed: expected.length === 0 ? null : expected.every(({ passed }) => passed),
    results: results.map(resultOf),
    cpuMs: Math.round(cpuMs * 1_000) / 1_000,
    heapBytes: heapBytes ?? null,
  };
}

function resultOf({ name, passed, rows, failure, difference, warnings, logs }: SampleResult): RunReport['results'][0] {
  return {
    name,
    passed: passed ?? null,
    rows: rows.map(({ timeMicros, ...row }) => ({
      ...row,
      time: timeMicros === null ? null : isoTimeOf(timeMicros),
    })),
    failure: failure ? { code: failure.code, detail: failure.detail, line: failure.line ?? null } : null,
    difference: difference ?? null,
    warnings,
    logs,
  };
}
