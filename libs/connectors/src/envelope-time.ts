/** ISO 8601 times of message envelopes, with a zone and up to microseconds. */
const pattern = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})$/;

/** UTC microseconds of `2026-11-21T10:00:00.123456Z`; digits beyond microseconds are cut. Undefined: no such time. */
export function parseTimeMicros(text: string): number | undefined {
  const [, seconds, fraction = '', zone] = pattern.exec(text) ?? [];
  if (seconds === undefined || zone === undefined) return undefined;
  const wholeMs = Date.parse(seconds + zone);
  if (Number.isNaN(wholeMs)) return undefined;
  const micros = wholeMs * 1000 + Number(fraction.slice(0, 6).padEnd(6, '0'));
  return Number.isSafeInteger(micros) ? micros : undefined;
}
