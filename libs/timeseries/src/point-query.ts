/** Points of one signal over a range of time, from QuestDB. */
import type { DataRow } from '@millrace/contracts';
import { type PointValue, pointValueOf } from './point-kind.ts';
import type { QuestDb, SqlValue } from './questdb.ts';
import { sqlLong, sqlText } from './sql-text.ts';
import { storedOrNone } from './stored-or-none.ts';

/** More in one answer than a page or a chart shows; a caller goes on behind the last time. */
export const pointsPerQueryMax = 10_000;

/** A stored row, as people ask for it. */
export interface Point {
  /** UTC microseconds. */
  readonly timeMicros: number;
  /** Orders points of the same time. */
  readonly seq: number;
  readonly value: PointValue;
  readonly quality: DataRow['quality'];
  readonly receivedAtMicros: number;
}

export interface PointRange {
  /** Where the tenant's points are: see `pointsTableOf`. */
  readonly table: string;
  readonly tenant: string;
  readonly device: string;
  readonly signal: string;
  /** UTC microseconds, inclusive. */
  readonly fromMicros: number;
  /** UTC microseconds, exclusive. */
  readonly toMicros: number;
  /** At most `pointsPerQueryMax`. */
  readonly limit: number;
  readonly order: 'oldest first' | 'newest first';
}

/** The columns of a point, in the order `pointOf` reads them. */
export const pointColumns = 'cast(ts AS LONG), seq, value, text, kind, quality, cast(received AS LONG)';

export class PointQuery {
  readonly #store: QuestDb;

  constructor(store: QuestDb) {
    this.#store = store;
  }

  /** Throws `store_unavailable`; an aborted signal ends the query in QuestDB too. */
  async range(range: PointRange, signal?: AbortSignal): Promise<readonly Point[]> {
    const rows = await storedOrNone(this.#store, rangeStatement(range), signal);
    return rows.map(pointOf);
  }
}

/** The statement of a range; text is quoted, numbers are checked. */
export function rangeStatement(range: PointRange): string {
  const limit = Math.max(0, Math.min(range.limit, pointsPerQueryMax));
  const direction = range.order === 'newest first' ? 'DESC' : 'ASC';
  return (
    `SELECT ${pointColumns} FROM ${range.table} ` +
    `WHERE ts >= ${sqlLong(range.fromMicros)} AND ts < ${sqlLong(range.toMicros)} AND tenant = ${sqlText(range.tenant)} ` +
    `AND device = ${sqlText(range.device)} AND signal = ${sqlText(range.signal)} ` +
    `ORDER BY ts ${direction}, seq ${direction} LIMIT ${sqlLong(limit).replace('L', '')}`
  );
}

/** A row of `pointColumns`. */
export function pointOf([time, seq, value, text, kind, quality, received]: readonly SqlValue[]): Point {
  return {
    timeMicros: Number(time),
    seq: Number(seq),
    value: pointValueOf(Number(kind), value as number | null, text as string | null),
    quality: Number(quality),
    receivedAtMicros: Number(received),
  };
}
