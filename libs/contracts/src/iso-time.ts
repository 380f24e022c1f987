/** Times in JSON and headers: RFC 3339, the strict part of ISO 8601, with up to nine digits of a second. */

/** Year 2200: beyond it a time is a mistake, and microseconds stay exact in a double. */
const microsMax = Date.UTC(2200, 0, 1) * 1000;

/**
 * UTC microseconds of `2026-03-01T12:30:00.123456Z` or with an offset such as `+01:00`; digits below a microsecond are cut
 * off. Undefined: not in this form, no such day, or outside 1970 to 2200. By hand, since every message of a batch may carry one.
 */
export function microsOfIsoTime(text: string): number | undefined {
  if (text.length < 20 || text.length > 35 || !hasSeparators(text)) return undefined;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 2);
  const day = digits(text, 8, 2);
  const hour = digits(text, 11, 2);
  const minute = digits(text, 14, 2);
  const second = digits(text, 17, 2);
  if (year < 0 || month < 1 || month > 12 || day < 1 || day > daysOfMonth(year, month)) return undefined;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return undefined;

  let zoneAt = 19;
  let fraction = 0;
  if (text.charCodeAt(19) === point) {
    while (isDigit(text.charCodeAt(zoneAt + 1))) zoneAt += 1;
    const count = zoneAt - 19;
    if (count < 1 || count > 9) return undefined;
    fraction = microsOfFraction(text, Math.min(count, 6));
    zoneAt += 1;
  }
  const minutes = daysSince1970(year, month, day) * 1440 + hour * 60 + minute - zoneMinutes(text, zoneAt);
  const micros = (minutes * 60 + second) * 1_000_000 + fraction;
  return micros >= 0 && micros < microsMax ? micros : undefined;
}

/** `2026-03-01T12:30:00.123456Z`, always with six digits of a second. `micros`: UTC, an integer. */
export function isoTimeOf(micros: number): string {
  const second = Math.floor(micros / 1_000_000);
  if (second !== knownSecond) {
    knownText = new Date(second * 1000).toISOString().slice(0, -4);
    knownSecond = second;
  }
  return `${knownText}${String(micros - second * 1_000_000).padStart(6, '0')}Z`;
}

/** Up to its point: times that are written one after the other are mostly of one second. */
let knownText = '';
let knownSecond = NaN;

const zero = 0x30;
const nine = 0x39;
const minus = 0x2d;
const plus = 0x2b;
const point = 0x2e;
const colon = 0x3a;
const letterT = 0x54;
const letterZ = 0x5a;

function hasSeparators(text: string): boolean {
  return (
    text.charCodeAt(4) === minus &&
    text.charCodeAt(7) === minus &&
    text.charCodeAt(10) === letterT &&
    text.charCodeAt(13) === colon &&
    text.charCodeAt(16) === colon
  );
}

/** `count` digits behind the point, 1 to 6 of them. */
function microsOfFraction(text: string, count: number): number {
  let micros = digits(text, 20, count);
  for (let place = count; place < 6; place += 1) micros *= 10;
  return micros;
}

/** NaN: neither `Z` nor `±hh:mm` ends the text there. */
function zoneMinutes(text: string, at: number): number {
  const sign = text.charCodeAt(at);
  if (sign === letterZ) return text.length === at + 1 ? 0 : NaN;
  if ((sign !== plus && sign !== minus) || text.charCodeAt(at + 3) !== colon || text.length !== at + 6) return NaN;
  const hours = digits(text, at + 1, 2);
  const minutes = digits(text, at + 4, 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return NaN;
  return (sign === minus ? -1 : 1) * (hours * 60 + minutes);
}

/** Negative: one of them is no digit. */
function digits(text: string, from: number, count: number): number {
  let value = 0;
  for (let at = from; at < from + count; at += 1) {
    const code = text.charCodeAt(at);
    if (!isDigit(code)) return -1;
    value = value * 10 + code - zero;
  }
  return value;
}

function isDigit(code: number): boolean {
  return code >= zero && code <= nine;
}

function daysOfMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Proleptic Gregorian; years begin in March, so that the leap day is the last (Howard Hinnant, chrono-compatible algorithms). */
function daysSince1970(year: number, month: number, day: number): number {
  const marchYear = month > 2 ? year : year - 1;
  const monthFromMarch = month > 2 ? month - 3 : month + 9;
  const dayOfYear = Math.floor((153 * monthFromMarch + 2) / 5) + day - 1;
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  return marchYear * 365 + leapDays + dayOfYear - 719_468;
}
