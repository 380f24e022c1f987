/** What the results of `decodeUplink` and `encodeDownlink` have in common: members by name, `warnings` and `errors`. */
import { UnusableResult } from './unusable-result.ts';
import { textOfValue } from './value-text.ts';

export const warningsMax = 16;
export const warningCharsMax = 256;
/** All reported errors together: they end as one sentence. */
const reportedCharsMax = 500;

export type Members = Readonly<Record<string, unknown>>;

/** Throws UnusableResult for anything else than an object, and for members that are not `allowed`; undefined: any is. */
export function membersOf(value: unknown, name: string, allowed?: readonly string[]): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UnusableResult(`${name} is no object.`);
  if (allowed)
    for (const key in value)
      if (!allowed.includes(key)) throw new UnusableResult(`${name} has the unknown member ${key.slice(0, 40)}.`);
  return value as Members;
}

/** `errors`: one is enough, and the script has refused. Throws UnusableResult with what it said. */
export function refuseReported(errors: unknown): void {
  if (errors == null) return;
  // Some codecs give one text in place of a list.
  const reported = textsOf(typeof errors === 'string' ? [errors] : errors, 'errors');
  if (reported.length > 0)
    throw new UnusableResult(`The script reported: ${reported.join('; ').slice(0, reportedCharsMax)}`);
}

/** The first 16, each with 256 characters at most. */
export function warningsOf(warnings: unknown): string[] {
  if (warnings == null) return [];
  return textsOf(warnings, 'warnings')
    .slice(0, warningsMax)
    .map((text) => text.slice(0, warningCharsMax));
}

function textsOf(value: unknown, name: string): readonly string[] {
  return listOf(value, name).map(textOfValue);
}

/** Lua has one kind of table, so that an empty list arrives as an empty object. Throws UnusableResult for anything else than a list. */
export function listOf(value: unknown, name: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value === 'object' && value !== null && Object.keys(value).length === 0) return [];
  throw new UnusableResult(`${name} is no array.`);
}

/** What was given, in a sentence: text in quotes, 40 characters at most. */
export function excerptOf(value: unknown): string {
  return (typeof value === 'string' ? JSON.stringify(value) : textOfValue(value)).slice(0, 40);
}
