/** What of a value may stand in the log: no secrets, no raw bytes, no endless text or depth. */

/** A log line is read by people and stored by machines that cut long ones: one field stays below this. */
const textCharsMax = 4_000;
/** Deeper is an object graph somebody logged by mistake; also ends cycles. */
const depthMax = 6;
const entriesMax = 100;

const hidden = '[hidden]';
/** Whole names or last words of names whose values are credentials; `keyId` and `keys` of a map are not. */
const secretName =
  /^(authorization|cookie|set-cookie|credentials?)$|(^|[a-z0-9_-])(pass(word|phrase)?s?|secrets?|tokens?)$|^key$|(api|secret|private|access|encryption)[_-]?key$/i;
const userInUrl = /(\/\/)[^/\s@]+@/g;

/** A copy of the fields that may be written: values of secret names, and credentials inside addresses, are hidden. */
export function loggable(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return shownFields(Object.entries(fields), 0);
}

function shownFields(entries: readonly (readonly [string, unknown])[], depth: number): Record<string, unknown> {
  const kept = entries.slice(0, entriesMax).map(([name, value]) => [name, shown(name, value, depth)]);
  return Object.fromEntries(kept) as Record<string, unknown>;
}

function shown(name: string, value: unknown, depth: number): unknown {
  if (secretName.test(name)) return hidden;
  if (typeof value === 'string') return shownText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'invalid date' : value.toISOString();
  if (depth === depthMax) return '[deeper]';
  if (value instanceof Error) return shownError(value, depth + 1);
  if (Array.isArray(value)) return value.slice(0, entriesMax).map((item: unknown) => shown('', item, depth + 1));
  if (value instanceof Map)
    return shownFields(
      [...value].map(([key, item]) => [String(key), item]),
      depth + 1,
    );
  if (value instanceof Set) return shown('', [...value], depth);
  return shownFields(Object.entries(value), depth + 1);
}

function shownText(text: string): string {
  const safe = text.replace(userInUrl, `$1${hidden}@`);
  return safe.length > textCharsMax ? `${safe.slice(0, textCharsMax)}… (${safe.length} characters)` : safe;
}

function shownError(error: Error, depth: number): Record<string, unknown> {
  const { name, message, stack, cause } = error;
  return {
    ...shownFields(Object.entries(error), depth),
    type: name,
    message: shownText(message),
    ...(stack !== undefined && { stack: shownText(stack) }),
    ...(cause !== undefined && { cause: shown('cause', cause, depth) }),
  };
}
