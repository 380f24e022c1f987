/**
 * Times as scripts give them: a Date or ISO 8601 text with a zone (microseconds are kept), or a number of seconds or
 * milliseconds since 1970 UTC. Numbers below 1e11 are seconds: as seconds they reach the year 5138, as milliseconds 1973.
 */
import { UnusableResult } from './unusable-result.ts';

const secondsBelow = 1e11;
/** Until 2255 microseconds are exact in a double. */
const timeMicrosMax = Number.MAX_SAFE_INTEGER;
const iso = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?)(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})$/;

/** UTC microseconds. Throws UnusableResult for anything else than a time between 1970 and 2255. */
export function microsOf(time: unknown): number {
  const micros = typeof time === 'number' ? microsOfNumber(time) : typeof time === 'string' ? microsOfText(time) : NaN;
  if (micros >= 0 && micros <= timeMicrosMax) return micros;
  throw new UnusableResult(
    `time is ${String(JSON.stringify(time)).slice(0, 40)}: give a Date, ISO 8601 text with a zone, seconds or milliseconds, 1970 to 2255.`,
  );
}

function microsOfNumber(time: number): number {
  return Math.round(time < secondsBelow ? time * 1_000_000 : time * 1_000);
}

function microsOfText(time: string): number {
  const [, untilSeconds, fraction = '', zone] = iso.exec(time) ?? [];
  const micros = Number(fraction.slice(0, 6).padEnd(6, '0'));
  return Date.parse(`${untilSeconds}${zone}`) * 1_000 + micros;
}
