/** Stored results of a statistic, and which of its windows have one. */
import type { StatisticValue } from '@millrace/contracts';
import type { QuestDb, SqlValue } from './questdb.ts';
import { sqlLong, sqlText } from './sql-text.ts';
import { statisticResultsTable } from './statistic-results-table.ts';

/** A stored row, as people ask for it. */
export interface StoredResult {
  /** Null: about all inputs of the statistic together. */
  readonly device: string | null;
  /** UTC microseconds, inclusive. */
  readonly windowStartMicros: number;
  /** Exclusive. */
  readonly windowEndMicros: number;
  readonly revision: number;
  readonly status: string;
  readonly values: Readonly<Record<string, StatisticValue['value']>>;
  readonly points: number;
  /** Null unless failed. */
  readonly error: { readonly code: string; readonly detail: string } | null;
  readonly computedAtMicros: number;
}

export interface ResultRange {
  readonly tenant: string;
  readonly statisticId: string;
  /** Undefined: of every device. */
  readonly device: string | undefined;
  /** Ends of windows, UTC microseconds, inclusive. */
  readonly fromMicros: number;
  /** Exclusive. */
  readonly toMicros: number;
  readonly limit: number;
  readonly order: 'oldest first' | 'newest first';
}

const columns =
  'device, cast(window_start AS LONG), cast(ts AS LONG), revision, status, named_values, points, error, error_detail, ' +
  'cast(computed AS LONG)';

export class StatisticResultQuery {
  readonly #store: Pick<QuestDb, 'query'>;
  readonly #table: string;

  /** `table`: default is that of the catalogue. */
  constructor(store: Pick<QuestDb, 'query'>, table = statisticResultsTable.name) {
    this.#store = store;
    this.#table = table;
  }

  /** In order of the windows' ends, then of the devices. Throws `store_unavailable`. */
  async range(range: ResultRange, signal?: AbortSignal): Promise<readonly StoredResult[]> {
    const { tenant, statisticId, device, fromMicros, toMicros, limit, order } = range;
    const direction = order === 'newest first' ? 'DESC' : 'ASC';
    const rows = await this.#store.query(
      `SELECT ${columns} FROM ${this.#table} ` +
        `WHERE ts >= ${sqlLong(fromMicros)} AND ts < ${sqlLong(toMicros)} AND tenant = ${sqlText(tenant)} ` +
        `AND statistic = ${sqlText(statisticId)}${device === undefined ? '' : ` AND device = ${sqlText(device)}`} ` +
        `ORDER BY ts ${direction}, device LIMIT ${Math.trunc(limit)}`,
      signal,
    );
    return rows.map(storedResultOf);
  }

  /** Ends of windows with a result, from this one on; and whether there is any before. UTC microseconds. Throws `store_unavailable`. */
  async windowsFrom(
    { tenant, statisticId, fromMicros }: Pick<ResultRange, 'tenant' | 'statisticId' | 'fromMicros'>,
    signal?: AbortSignal,
  ): Promise<{ readonly endsMicros: readonly number[]; readonly older: boolean }> {
    const rows = `FROM ${this.#table} WHERE tenant = ${sqlText(tenant)} AND statistic = ${sqlText(statisticId)}`;
    const from = sqlLong(fromMicros);
    const ends = `SELECT cast(ts AS LONG) FROM (SELECT DISTINCT ts ${rows} AND ts >= ${from})`;
    const stored = await this.#store.query(ends, signal);
    const older = await this.#store.query(`SELECT 1 ${rows} AND ts < ${from} LIMIT 1`, signal);
    return { endsMicros: stored.map(([end]) => Number(end)), older: older.length > 0 };
  }
}

function storedResultOf(row: readonly SqlValue[]): StoredResult {
  const [device, start, end, revision, status, values, points, error, detail, computed] = row;
  return {
    device: device as string | null,
    windowStartMicros: Number(start),
    windowEndMicros: Number(end),
    revision: Number(revision),
    status: String(status),
    values: JSON.parse(String(values)) as StoredResult['values'],
    points: Number(points),
    error: error === null ? null : { code: String(error), detail: String(detail) },
    computedAtMicros: Number(computed),
  };
}
