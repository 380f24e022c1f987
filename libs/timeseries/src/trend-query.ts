/** The course of all numeric signals of some devices, in equal steps of time: for plots, whatever number of rows lies behind. */
import { pointKinds } from './point-kind.ts';
import type { QuestDb } from './questdb.ts';
import { sqlLong, sqlText } from './sql-text.ts';
import { storedOrNone } from './stored-or-none.ts';

/** A statement travels in the head of a request; this many uids of 64 characters fit by far. */
export const trendDevicesMax = 50;
/** More than a plot has pixels. */
export const trendBucketsMax = 500;
/** Signals of all devices together, each with all its buckets: some megabytes. */
const rowsMax = 100_000;

export interface TrendRange {
  /** Where the tenant's points are: see `pointsTableOf`. */
  readonly table: string;
  readonly tenant: string;
  /** At most `trendDevicesMax`, at least one. */
  readonly devices: readonly string[];
  /** UTC microseconds, inclusive. */
  readonly fromMicros: number;
  readonly bucketMicros: number;
  /** At most `trendBucketsMax`. */
  readonly buckets: number;
}

/** One signal; `null` where a bucket has no number. All three are as long as there are buckets. */
export interface Trend {
  readonly device: string;
  readonly signal: string;
  readonly mean: readonly (number | null)[];
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
}

export class TrendQuery {
  readonly #store: Pick<QuestDb, 'query'>;

  constructor(store: Pick<QuestDb, 'query'>) {
    this.#store = store;
  }

  /** Signals without a number in this time are left out. Throws `store_unavailable`. */
  async trends(range: TrendRange, signal?: AbortSignal): Promise<readonly Trend[]> {
    const trends = new Map<string, Writable<Trend>>();
    for (const [device, name, bucket, mean, low, high] of await storedOrNone(
      this.#store,
      trendStatement(range),
      signal,
    )) {
      const key = JSON.stringify([device, name]);
      let trend = trends.get(key);
      if (!trend) trends.set(key, (trend = emptyTrend(String(device), String(name), range.buckets)));
      const index = Number(bucket);
      trend.mean[index] = mean as number | null;
      trend.low[index] = low as number | null;
      trend.high[index] = high as number | null;
    }
    return [...trends.values()];
  }
}

type Writable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer V)[] ? V[] : T[K] };

function emptyTrend(device: string, signal: string, buckets: number): Writable<Trend> {
  const empty = (): (number | null)[] => Array.from({ length: buckets }, () => null);
  return { device, signal, mean: empty(), low: empty(), high: empty() };
}

/** Text is quoted, numbers are checked. */
export function trendStatement({ table, tenant, devices, fromMicros, bucketMicros, buckets }: TrendRange): string {
  const from = sqlLong(fromMicros);
  return (
    `SELECT device, signal, (cast(ts AS LONG) - ${from}) / ${sqlLong(bucketMicros)} AS bucket, ` +
    `avg(value), min(value), max(value) FROM ${table} ` +
    `WHERE ts >= ${from} AND ts < ${sqlLong(fromMicros + bucketMicros * buckets)} AND tenant = ${sqlText(tenant)} ` +
    `AND device IN (${devices.map(sqlText).join(', ')}) AND kind = ${pointKinds.double} ` +
    `GROUP BY device, signal, bucket ORDER BY device, signal, bucket LIMIT ${rowsMax}`
  );
}
