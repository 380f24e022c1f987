/**
 * Many numeric series over a range of time with few points each: in buckets of equal length, or as the points that a line
 * needs. QuestDB reads the rows and gives back at most one row for a series and bucket, however many lie behind.
 */
import { type CoursePoint, largestTriangles } from './lttb.ts';
import { pointKinds } from './point-kind.ts';
import type { QuestDb, SqlValue } from './questdb.ts';
import { sqlLong, sqlText } from './sql-text.ts';
import { storedOrNone } from './stored-or-none.ts';

/** The statement travels in the head of a request: the longest names of ASCII characters fit so often. */
export const seriesPerQueryMax = 100;
/** More than a plot has pixels. */
export const pointsPerSeriesMax = 2_000;
/** Of all series together: some megabytes of JSON. */
export const seriesPointsMax = 40_000;

export interface SeriesName {
  readonly device: string;
  readonly signal: string;
}

export interface SeriesRange {
  /** Where the tenant's points are: see `pointsTableOf`. */
  readonly table: string;
  readonly tenant: string;
  /** 1 to `seriesPerQueryMax`, each once. */
  readonly series: readonly SeriesName[];
  /** UTC microseconds, inclusive. */
  readonly fromMicros: number;
  /** Exclusive. */
  readonly toMicros: number;
  /** At most so many buckets or points of each series: 2 to `pointsPerSeriesMax`. */
  readonly points: number;
}

/** Buckets that have numbers, in order of time; all arrays are equally long. */
export interface BucketSeries extends SeriesName {
  /** Where the buckets begin, UTC microseconds. */
  readonly timesMicros: readonly number[];
  readonly counts: readonly number[];
  readonly min: readonly number[];
  readonly max: readonly number[];
  readonly avg: readonly number[];
  readonly last: readonly number[];
}

/** Points that are stored like this, in order of time. */
export interface CourseSeries extends SeriesName {
  readonly points: readonly CoursePoint[];
}

export class SeriesQuery {
  readonly #store: Pick<QuestDb, 'query'>;

  constructor(store: Pick<QuestDb, 'query'>) {
    this.#store = store;
  }

  /** In the order of the question; series without a number have no buckets. Throws `store_unavailable`. */
  async buckets(range: SeriesRange, signal?: AbortSignal): Promise<readonly BucketSeries[]> {
    const width = bucketMicrosOf(range);
    const columns = 'count(), min(value), max(value), avg(value), last(value)';
    const rows = await this.#rows(seriesStatement(range, columns), range, signal);
    return range.series.map((name, index) => {
      const own = rows[index] ?? [];
      const column = (at: number): readonly number[] => own.map((row) => Number(row[at]));
      const timesMicros = own.map(([bucket]) => range.fromMicros + Number(bucket) * width);
      return {
        ...name,
        timesMicros,
        counts: column(1),
        min: column(2),
        max: column(3),
        avg: column(4),
        last: column(5),
      };
    });
  }

  /**
   * In the order of the question. Largest-Triangle-Three-Buckets over the first, lowest, highest and last point of as many
   * buckets as there shall be points: a line through these four is drawn like one through all (M4, Jugel 2014), and
   * preselection hardly changes what the triangles choose (MinMaxLTTB, Van Der Donckt 2023). Throws `store_unavailable`.
   */
  async course(range: SeriesRange, signal?: AbortSignal): Promise<readonly CourseSeries[]> {
    const micros = (aggregate: string): string => `cast(${aggregate} AS LONG)`;
    const columns = [
      `${micros('first(ts)')}, first(value), ${micros('arg_min(ts, value)')}, min(value)`,
      `${micros('arg_max(ts, value)')}, max(value), ${micros('last(ts)')}, last(value)`,
    ];
    const rows = await this.#rows(seriesStatement(range, columns.join(', ')), range, signal);
    return range.series.map((name, index) => {
      const candidates = (rows[index] ?? []).flatMap(([, ...pairs]) => candidatesOf(pairs));
      return { ...name, points: largestTriangles(candidates, range.points) };
    });
  }

  /** Rows of each series, in its place, without its names. */
  async #rows(
    statement: string,
    { series }: SeriesRange,
    signal?: AbortSignal,
  ): Promise<readonly (readonly (readonly SqlValue[])[])[]> {
    const rows = new Map(series.map((name) => [keyOf(name.device, name.signal), [] as (readonly SqlValue[])[]]));
    for (const [device, name, ...columns] of await storedOrNone(this.#store, statement, signal))
      rows.get(keyOf(String(device), String(name)))?.push(columns);
    return [...rows.values()];
  }
}

function keyOf(device: string, signal: string): string {
  return `${device}/${signal}`;
}

/** Length of a bucket. */
export function bucketMicrosOf({
  fromMicros,
  toMicros,
  points,
}: Pick<SeriesRange, 'fromMicros' | 'toMicros' | 'points'>): number {
  return Math.max(1, Math.ceil((toMicros - fromMicros) / points));
}

/** Text is quoted, numbers are checked; `columns` are aggregates of one bucket. */
export function seriesStatement(range: SeriesRange, columns: string): string {
  const { table, tenant, series, fromMicros, toMicros, points } = range;
  const from = sqlLong(fromMicros);
  const signalsOf = (own: readonly SeriesName[]): string => own.map(({ signal }) => sqlText(signal)).join(', ');
  const ofDevices = [...Map.groupBy(series, ({ device }) => device)].map(([device, own]) => ({
    device,
    signals: signalsOf(own.toSorted((a, b) => (a.signal < b.signal ? -1 : 1))),
  }));
  // One set of devices is looked up for each row; one condition for each device would be tried one after the other.
  const wanted = [...Map.groupBy(ofDevices, ({ signals }) => signals)].map(
    ([signals, own]) => `device IN (${own.map(({ device }) => sqlText(device)).join(', ')}) AND signal IN (${signals})`,
  );
  return (
    `SELECT device, signal, (cast(ts AS LONG) - ${from}) / ${sqlLong(bucketMicrosOf(range))} AS bucket, ${columns} ` +
    `FROM ${table} WHERE ts >= ${from} AND ts < ${sqlLong(toMicros)} AND tenant = ${sqlText(tenant)} ` +
    `AND (${wanted.map((one) => `(${one})`).join(' OR ')}) AND kind = ${pointKinds.double} ` +
    `GROUP BY device, signal, bucket ORDER BY device, signal, bucket LIMIT ${Math.trunc(points * series.length)}`
  );
}

/** `time, value` pairs of a bucket in order of time, each time once. */
function candidatesOf(pairs: readonly SqlValue[]): readonly CoursePoint[] {
  const points = new Map<number, CoursePoint>();
  for (let at = 0; at < pairs.length; at += 2) {
    const timeMicros = Number(pairs[at]);
    points.set(timeMicros, { timeMicros, value: Number(pairs[at + 1]) });
  }
  return [...points.values()].toSorted((a, b) => a.timeMicros - b.timeMicros);
}
