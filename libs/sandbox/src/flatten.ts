/**
 * Flattening: how nested data becomes rows. The one definition, for scripts and for payloads without a script.
 *
 *     {"a": {"b": 1}, "c": [2, {"d": true}]}    a.b = 1, c.0 = 2, c.1.d = true
 *
 * - Names are the path, joined with '.'; arrays by index from 0; 1 to 128 characters. Order is the order of the data.
 * - Values are numbers, text, booleans and null. NaN and infinities become null with a warning.
 * - Integers beyond ±2^53 become text, since a double cannot hold them exactly (from 1e21 on they are measurements: doubles).
 * - Empty objects and arrays give no row.
 * - At most 1,000 rows, 16 levels, 4,096 characters of text in one value.
 */
import { signalNameCharsMax } from '@millrace/contracts';
import { notFiniteName } from './json-result.ts';
import { warningCharsMax, warningsMax } from './result-members.ts';
import type { Quality } from './script-quality.ts';
import { UnusableResult } from './unusable-result.ts';

export type FlatValue = number | string | boolean | null;

/** What rows share that were said together. */
export interface RowOrigin {
  /** UTC microseconds; null: the time of the message. */
  readonly timeMicros: number | null;
  readonly quality: Quality;
  /** Of the sub-device that they are about; null: the sender itself. */
  readonly identificationCode: string | null;
}

/** Good, of the sender, at the time of the message. */
export const plainOrigin: RowOrigin = { timeMicros: null, quality: 0, identificationCode: null };

export interface FlatRow extends RowOrigin {
  readonly name: string;
  readonly value: FlatValue;
}

export const rowsMax = 1_000;
/** Real payloads have four; this bounds the stack. */
const levelsMax = 16;
/** Long enough for a status text; documents belong elsewhere. */
const textCharsMax = 4_096;

/** What came of one message so far. */
export class FlatRows {
  readonly rows: FlatRow[] = [];
  readonly warnings: string[];

  /** `warnings`: those that there are already. */
  constructor(warnings: string[] = []) {
    this.warnings = warnings;
  }

  warn(text: string): void {
    if (this.warnings.length < warningsMax) this.warnings.push(text.slice(0, warningCharsMax));
  }
}

/** Adds the rows of parsed JSON data (an object or array). Throws UnusableResult when a limit is passed. */
export function flatten(data: object, origin: RowOrigin, into: FlatRows): void {
  addMembers(data, '', 1, origin, into);
}

function addMembers(data: object, prefix: string, level: number, origin: RowOrigin, into: FlatRows): void {
  if (level > levelsMax) throw new UnusableResult(`${prefix} is nested deeper than ${levelsMax} levels.`);
  // Parsed JSON has own enumerable members only.
  for (const key in data) add((data as Readonly<Record<string, unknown>>)[key], prefix + key, level, origin, into);
}

function add(value: unknown, name: string, level: number, origin: RowOrigin, into: FlatRows): void {
  if (typeof value === 'object' && value !== null) {
    const notFinite = notFiniteName(value);
    if (notFinite === undefined) return addMembers(value, `${name}.`, level + 1, origin, into);
    into.warn(`${name} is ${notFinite}; stored as null.`);
    return addRow(name, null, origin, into);
  }
  addRow(name, value === null ? null : flatValueOf(value as number | string | boolean, name), origin, into);
}

function addRow(name: string, value: FlatValue, origin: RowOrigin, into: FlatRows): void {
  if (name.length === 0 || name.length > signalNameCharsMax)
    throw new UnusableResult(
      `The name ${JSON.stringify(name.slice(0, 40))} has not 1 to ${signalNameCharsMax} characters.`,
    );
  if (into.rows.length >= rowsMax) throw new UnusableResult(`There are more than ${rowsMax} rows.`);
  const { timeMicros, quality, identificationCode } = origin;
  into.rows.push({ name, value, timeMicros, quality, identificationCode });
}

const doublesFrom = 1e21;

function flatValueOf(value: number | string | boolean, name: string): FlatValue {
  if (typeof value === 'number') {
    const size = Math.abs(value);
    return size > Number.MAX_SAFE_INTEGER && size < doublesFrom ? String(value) : value;
  }
  if (typeof value === 'string' && value.length > textCharsMax)
    throw new UnusableResult(`The text ${name} is longer than ${textCharsMax} characters.`);
  return value;
}
