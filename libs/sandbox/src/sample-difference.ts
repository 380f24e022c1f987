/**
 * In what the rows of a sample differ from what was expected. The order of rows does not count, because tables of Lua and
 * dictionaries of Python have none; rows of the same name, time and sub-device are compared in their order.
 */
import { isoTimeOf, microsOfIsoTime } from '@millrace/contracts';
import { detailWithLine, ScriptFailure } from './failure.ts';
import type { FlatRow, FlatValue } from './flatten.ts';
import type { ExpectedRow } from './sample.ts';

/** Binary floats of three languages and of a person's JSON: nine digits are more than any sensor has. */
const relativeTolerance = 1e-9;
/** Beside zero, where `0.1 + 0.2 - 0.3` lands. */
const absoluteTolerance = 1e-12;

/** Codes with which a script refuses a message itself; all others are its limits, or that it does not load. */
const refusals: readonly string[] = ['script_threw', 'script_result'];

/** One sentence; undefined: they are the same. `expected` null: the script refuses the message. */
export function differenceOf(
  expected: readonly ExpectedRow[] | null,
  outcome: readonly FlatRow[] | ScriptFailure,
): string | undefined {
  if (outcome instanceof ScriptFailure)
    return expected === null && refusals.includes(outcome.code) ? undefined : detailWithLine(outcome);
  if (expected === null) return `The script was expected to refuse it, and made ${countOf(outcome.length, 'row')}.`;
  const [first, ...others] = rowDifferences(expected, outcome);
  if (first === undefined) return undefined;
  return others.length === 0 ? `${first}.` : `${first}, and ${countOf(others.length, 'more difference')}.`;
}

function rowDifferences(expected: readonly ExpectedRow[], rows: readonly FlatRow[]): readonly string[] {
  const left = Map.groupBy(rows, placeOf);
  const differences: string[] = [];
  for (const { name, value, time, quality = 0, identificationCode = null } of expected) {
    const timeMicros = time == null ? null : (microsOfIsoTime(time) ?? null);
    const place = placeOf({ name, timeMicros, identificationCode });
    const row = left.get(place)?.shift();
    if (!row) differences.push(`${place} is missing, expected ${textOf(value)}`);
    else if (!isSame(row.value, value)) differences.push(`${place} is ${textOf(row.value)}, expected ${textOf(value)}`);
    else if (row.quality !== quality) differences.push(`${place} has the quality ${row.quality}, expected ${quality}`);
  }
  for (const [place, rest] of left)
    for (const { value } of rest) differences.push(`${place} is ${textOf(value)}, which was not expected`);
  return differences;
}

function placeOf({ name, timeMicros, identificationCode }: Omit<FlatRow, 'value' | 'quality'>): string {
  const of = identificationCode === null ? '' : ` of ${identificationCode}`;
  return `${name}${of}${timeMicros === null ? '' : ` at ${isoTimeOf(timeMicros)}`}`;
}

function isSame(one: FlatValue, other: FlatValue): boolean {
  if (typeof one !== 'number' || typeof other !== 'number') return one === other;
  const size = Math.max(Math.abs(one), Math.abs(other));
  return Math.abs(one - other) <= Math.max(absoluteTolerance, relativeTolerance * size);
}

const valueCharsMax = 80;

function textOf(value: FlatValue): string {
  const text = JSON.stringify(value);
  return text.length > valueCharsMax ? `${text.slice(0, valueCharsMax)}…` : text;
}

function countOf(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
