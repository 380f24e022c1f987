/** The range of time that a request asks for, with what it left open filled in. */
import { microsOfIsoTime, MillraceError } from '@millrace/contracts';
import type { PointRange } from '@millrace/timeseries';
import type { z } from 'zod';
import type { pointsQuery } from './answers.ts';

export type RequestedRange = Pick<PointRange, 'fromMicros' | 'toMicros' | 'limit' | 'order'>;

/** `lengthMicros`: of a range without a beginning. Throws `invalid_field` when the range ends before it begins. */
export function rangeOf(
  { from, to, limit, order }: z.infer<typeof pointsQuery>,
  lengthMicros: number,
  nowMicros: number,
): RequestedRange {
  return { ...timeSpanOf({ from, to }, lengthMicros, nowMicros), limit, order: `${order} first` };
}

/** The same without limit and order. */
export function timeSpanOf(
  { from, to }: { readonly from: string | undefined; readonly to: string | undefined },
  lengthMicros: number,
  nowMicros: number,
): Pick<RequestedRange, 'fromMicros' | 'toMicros'> {
  const toMicros = (to === undefined ? undefined : microsOfIsoTime(to)) ?? nowMicros;
  const fromMicros = (from === undefined ? undefined : microsOfIsoTime(from)) ?? toMicros - lengthMicros;
  if (fromMicros < toMicros) return { fromMicros, toMicros };
  const detail = 'Must be before the end of the range.';
  throw new MillraceError('invalid_field', `from: ${detail}`, { errors: [{ field: 'from', code: 'too_big', detail }] });
}
