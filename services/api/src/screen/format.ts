/** Numbers, units and times as a person reads them. */
import type { Point } from './answer-types.ts';

/** UCUM codes that are written differently on instruments. */
const unitSigns: Readonly<Record<string, string>> = {
  Cel: '°C',
  '[degF]': '°F',
  K: 'K',
  deg: '°',
  Ohm: 'Ω',
  'm3/h': 'm³/h',
  m3: 'm³',
  m2: 'm²',
  '[ppm]': 'ppm',
  '1': '',
};

const significantDigits = 4;
const absent = '–';

/** `Cel` is °C; an unknown code stays as it is, and `{count}` and the like say nothing. */
export function unitSign(ucum: string): string {
  return unitSigns[ucum] ?? ucum.replaceAll(/\{[^}]*\}/g, '');
}

/** Four digits that count, no more, grouped: 21.53, 1,013, 0.004213. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return absent;
  const whole = Math.abs(value) >= 1_000 ? Math.round(value) : value;
  return new Intl.NumberFormat('en', { maximumSignificantDigits: Math.max(significantDigits, digitsOf(whole)) }).format(
    whole,
  );
}

export function withUnit(text: string, ucum: string): string {
  const sign = unitSign(ucum);
  return sign === '' || text === absent ? text : `${text}\u202F${sign}`;
}

export function valueText(value: Point['value'], ucum: string): string {
  if (value === null) return absent;
  if (typeof value === 'number') return withUnit(numberText(value), ucum);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return value === '' ? '(empty)' : value;
}

/** Messages per second; null: not known yet. */
export function rateText(perSecond: number | null | undefined): string {
  if (perSecond === null || perSecond === undefined) return '…';
  const text = perSecond >= 100 ? numberText(Math.round(perSecond)) : perSecond.toFixed(1);
  return `${text}/s`;
}

export function countText(count: number): string {
  if (count < 10_000) return new Intl.NumberFormat('en').format(count);
  return new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 }).format(count);
}

/** `3 s`, `4 min`, `2 h`, `5 d`: one unit is enough to judge how old something is. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 100) return `${seconds} s`;
  if (seconds < 100 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 48 * 3_600) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

export function agoText(iso: string, nowMs: number): string {
  return `${durationText(nowMs - Date.parse(iso))} ago`;
}

/** In the reader's own zone; the date only when it is not today's. */
export function clockText(iso: string, nowMs: number): string {
  const time = new Date(iso);
  const clock = time.toLocaleTimeString('en-GB');
  return time.toDateString() === new Date(nowMs).toDateString() ? clock : `${dateText(time)} ${clock}`;
}

export function dateText(time: Date): string {
  return time.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
}

/** `low <= value < high` of a grade, as people write limits. */
export function intervalText(low: number | null, high: number | null, ucum: string): string {
  if (low !== null && high !== null) return `${numberText(low)} to ${withUnit(numberText(high), ucum)}`;
  if (low !== null) return `≥ ${withUnit(numberText(low), ucum)}`;
  if (high !== null) return `< ${withUnit(numberText(high), ucum)}`;
  return 'any value';
}

function digitsOf(value: number): number {
  return Math.abs(value) >= 1_000 ? Math.floor(Math.log10(Math.abs(value))) + 1 : 0;
}
