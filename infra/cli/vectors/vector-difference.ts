/** In what a function's result is not what a vector expects. */
import { notFiniteName } from '@millrace/sandbox';

/** Relative, of numbers: what one machine printed and another one computes. */
const tolerance = 1e-9;
const valueCharsMax = 80;

/**
 * One sentence each, `data.BatV is 3.06, expected 3.062.`; none when they are the same. Members that are undefined are not there, as in
 * JSON; `warnings` and `errors` that are empty are not there either. NaN and infinities are null, and null is as good as nothing:
 * The Things Stack writes it for undefined.
 */
export function differencesOf(expected: unknown, returned: unknown): readonly string[] {
  const differences: string[] = [];
  compare(withoutEmptyReports(expected), withoutEmptyReports(returned), '', differences);
  return differences;
}

function withoutEmptyReports(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const empty = (key: string): boolean => value[key] === null || (Array.isArray(value[key]) && value[key].length === 0);
  const without = Object.entries(value).filter(([key]) => !(/^(?:warnings|errors)$/.test(key) && empty(key)));
  return Object.fromEntries(without);
}

function compare(expected: unknown, actual: unknown, path: string, into: string[]): void {
  const [wanted, found] = [asInJson(expected), asInJson(actual)];
  if ((wanted ?? undefined) === (found ?? undefined)) return;
  if (typeof wanted === 'number' && typeof found === 'number' && isClose(wanted, found)) return;
  if (Array.isArray(wanted) && Array.isArray(found)) {
    for (let at = 0; at < Math.max(wanted.length, found.length); at += 1)
      compare(wanted[at], found[at], `${path}[${at}]`, into);
  } else if (isRecord(wanted) && isRecord(found)) {
    for (const key of new Set([...Object.keys(wanted), ...Object.keys(found)]))
      compare(member(wanted, key), member(found, key), path === '' ? key : `${path}.${key}`, into);
  } else into.push(`${path === '' ? 'The result' : path} ${sentence(wanted, found)}`);
}

function sentence(wanted: unknown, found: unknown): string {
  if (found === undefined) return `is missing, expected ${shown(wanted)}.`;
  return `is ${shown(found)}, ${wanted === undefined ? 'not expected' : `expected ${shown(wanted)}`}.`;
}

function isClose(one: number, other: number): boolean {
  return Math.abs(one - other) <= tolerance * Math.max(1, Math.abs(one), Math.abs(other));
}

type Members = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function member(record: Members, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function asInJson(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  return isRecord(value) && notFiniteName(value) !== undefined ? null : value;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > valueCharsMax ? `${text.slice(0, valueCharsMax - 1)}…` : text;
}
