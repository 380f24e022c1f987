/** Times in JSON and headers: RFC 3339, the strict part of ISO 8601, with up to nine digits of a second. */

/** Year 2200: beyond it a time is a mistake, and microseconds stay exact in a double. */
const microsMax = Date.UTC(2200, 0, 1) * 1000;

/**
 * UTC microseconds of `2026-03-01T12:30:00.123456Z` or with an offset such as `+01:00`; digits below a microsecond are cut
 * off. Undefined: not in this form, no such day, or outside 1970 to 2200. By hand, since every message of a batch may carry one.
 */
export function microsOfIsoTime(text: string): number | undefined {
  if (text.length < 20 || text.length > 35) return undefined;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 2);
  const day = digits(text, 8, 2);
  const hour = digits(text, 11, 2);
  const minute = digits(text, 14, 2);
  const second = digits(text, 17, 2);
  if (text[4] !== '-' || text[7] !== '-' || text[10] !== 'T' || text[13] !== ':' || text[16] !== ':') return undefined;
  if (!(month >= 1 && month <= 12 && day >= 1 && hour <= 23 && minute <= 59 && second <= 59)) return undefined;
  if (!(day <= daysOfMonth(year, month))) return undefined;

  let zoneAt = 19;
  let fraction = 0;
  if (text[19] === '.') {
    while (isDigit(text, zoneAt + 1)) zoneAt += 1;
    const count = zoneAt - 19;
    if (count < 1 || count > 9) return undefined;
    const read = Math.min(count, 6);
    fraction = digits(text, 20, read) * 10 ** (6 - read);
    zoneAt += 1;
  }
  const offsetMinutes = zoneMinutes(text, zoneAt);
  const micros = (Date.UTC(year, month - 1, day, hour, minute, second) - offsetMinutes * 60_000) * 1000 + fraction;
  return micros >= 0 && micros < microsMax ? micros : undefined;
}

/** `2026-03-01T12:30:00.123456Z`, always with six digits of a second. `micros`: UTC, an integer. */
export function isoTimeOf(micros: number): string {
  const belowMs = ((micros % 1000) + 1000) % 1000;
  const toMs = new Date((micros - belowMs) / 1000).toISOString();
  return `${toMs.slice(0, -1)}${String(belowMs).padStart(3, '0')}Z`;
}

/** NaN: neither `Z` nor `±hh:mm` ends the text there. */
function zoneMinutes(text: string, at: number): number {
  const sign = text[at];
  if (sign === 'Z') return text.length === at + 1 ? 0 : NaN;
  if ((sign !== '+' && sign !== '-') || text[at + 3] !== ':' || text.length !== at + 6) return NaN;
  const hours = digits(text, at + 1, 2);
  const minutes = digits(text, at + 4, 2);
  if (!(hours <= 23 && minutes <= 59)) return NaN;
  return (sign === '-' ? -1 : 1) * (hours * 60 + minutes);
}

/** NaN: one of them is no digit. */
function digits(text: string, from: number, count: number): number {
  let value = 0;
  for (let at = from; at < from + count; at += 1) {
    if (!isDigit(text, at)) return NaN;
    value = value * 10 + text.charCodeAt(at) - 48;
  }
  return value;
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}

function daysOfMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
