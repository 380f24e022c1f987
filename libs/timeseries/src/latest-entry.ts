/**
 * A signal's latest value as it lies in Redis: one field of the hash `latest:<tenant>/<device>`. It begins with its rank,
 * time and row number in 16 digits each, so that comparing text tells which of two is newer:
 *
 *     <time, µs, 16 digits><seq, 16 digits> <kind> <quality> <received, µs> <value>
 *
 * The value is a number as JavaScript writes it, 1 or 0, any text, or nothing.
 */
import { pointKinds } from './point-kind.ts';
import type { Point } from './point-query.ts';

/** Digits of the largest exact integer, 2^53 - 1. */
const numberDigits = 16;

/** Characters of an entry that say how new it is. */
export const rankChars = 2 * numberDigits;

const entryPattern = /^(\d{16})(\d{16}) ([0-3]) (-?\d+) (\d+) (.*)$/s;

export function latestKey(deviceKey: string): string {
  return `latest:${deviceKey}`;
}

export function encodeLatest(point: Point): string {
  const rank = digits(point.timeMicros) + digits(point.seq);
  const { value } = point;
  const end = `${point.quality} ${point.receivedAtMicros}`;
  if (typeof value === 'number' && Number.isFinite(value)) return `${rank} ${pointKinds.double} ${end} ${value}`;
  if (typeof value === 'string') return `${rank} ${pointKinds.text} ${end} ${value}`;
  if (typeof value === 'boolean') return `${rank} ${pointKinds.boolean} ${end} ${value ? 1 : 0}`;
  return `${rank} ${pointKinds.null} ${end} `;
}

/** Undefined for what was not written by `encodeLatest`. */
export function decodeLatest(entry: string): Point | undefined {
  const [, time, seq, kind, quality, received, text] = entryPattern.exec(entry) ?? [];
  if (text === undefined) return undefined;
  return {
    timeMicros: Number(time),
    seq: Number(seq),
    value: valueOf(Number(kind), text),
    quality: Number(quality),
    receivedAtMicros: Number(received),
  };
}

function valueOf(kind: number, text: string): Point['value'] {
  if (kind === pointKinds.double) return Number(text);
  if (kind === pointKinds.text) return text;
  return kind === pointKinds.boolean ? text === '1' : null;
}

function digits(integer: number): string {
  return String(integer).padStart(numberDigits, '0');
}
