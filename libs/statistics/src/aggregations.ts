/** The built-in aggregations: each takes the numbers of a window in order of time. */
import { type AggregationName, aggregationNames } from '@millrace/contracts';

type Aggregation = (numbers: readonly number[]) => number | null;

const sum: Aggregation = (numbers) => numbers.reduce((total, number) => total + number, 0);

/** Null where there is nothing to say: the mean of no points. Not weighted by time: each point counts once. */
const aggregations: Readonly<Record<AggregationName, Aggregation>> = {
  count: (numbers) => numbers.length,
  sum,
  mean: (numbers) => (numbers.length === 0 ? null : sum(numbers)! / numbers.length),
  min: (numbers) => extreme(numbers, (a, b) => a < b),
  max: (numbers) => extreme(numbers, (a, b) => a > b),
  first: (numbers) => numbers.at(0) ?? null,
  last: (numbers) => numbers.at(-1) ?? null,
};

export function isAggregation(name: string): name is AggregationName {
  return (aggregationNames as readonly string[]).includes(name);
}

export interface AggregatedPoint {
  readonly value: number | string | boolean | null;
  /** As DataRow.quality. */
  readonly quality: number;
}

const badQuality = 2;

/**
 * Of the numbers among the points, in order; text, booleans, nulls and points of bad quality do not count, as OPC UA's
 * aggregates (part 13) have it by default. Null also for a sum beyond the doubles.
 */
export function aggregate(name: AggregationName, points: readonly AggregatedPoint[]): number | null {
  const numbers: number[] = [];
  for (const { value, quality } of points) if (typeof value === 'number' && quality < badQuality) numbers.push(value);
  const result = aggregations[name](numbers);
  return result !== null && Number.isFinite(result) ? result : null;
}

function extreme(numbers: readonly number[], beats: (a: number, b: number) => boolean): number | null {
  let found: number | null = null;
  for (const number of numbers) if (found === null || beats(number, found)) found = number;
  return found;
}
