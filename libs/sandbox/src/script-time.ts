/**
 * Times as scripts give them: a Date or ISO 8601 text with a zone (microseconds are kept), or a number of seconds or
 * milliseconds since 1970 UTC. Numbers below 1e11 are seconds: as seconds they reach the year 5138, as milliseconds 1973.
 */
import { microsOfIsoTime } from '@millrace/contracts';
import { UnusableResult } from './unusable-result.ts';
import { textOfValue } from './value-text.ts';

const secondsBelow = 1e11;
/** As for times in text: beyond it a time is a mistake. */
const microsMax = Date.UTC(2200, 0, 1) * 1_000;

/** UTC microseconds. Throws UnusableResult for anything else than a time between 1970 and 2200. */
export function microsOf(time: unknown): number {
  const micros = typeof time === 'string' ? microsOfIsoTime(time) : microsOfNumber(time);
  if (micros !== undefined && micros >= 0 && micros < microsMax) return micros;
  throw new UnusableResult(
    `time is ${textOfValue(time).slice(0, 40)}: give a Date, ISO 8601 text with a zone, seconds or milliseconds, 1970 to 2200.`,
  );
}

function microsOfNumber(time: unknown): number | undefined {
  if (typeof time !== 'number') return undefined;
  return Math.round(time < secondsBelow ? time * 1_000_000 : time * 1_000);
}
