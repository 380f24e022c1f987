/**
 * Reads latest values back from QuestDB when Redis lost them, or may never have got them. QuestDB has to look at every row
 * for it, so it is asked for slices of time of bounded size, the newest first: most devices are right after the first one.
 */
import { deviceKey } from '@millrace/contracts';
import type { DeviceLatest, LatestValues } from './latest-values.ts';
import { type Point, pointColumns, pointOf } from './point-query.ts';
import type { QuestDb } from './questdb.ts';
import { sqlLong, sqlText } from './sql-text.ts';

/** Rows QuestDB looks at in one query: a tenth of a second of its time. */
const sliceRowsMax = 20_000_000;

/** Signals of one answer: a few megabytes. */
const pageRows = 20_000;

export interface RebuildOptions {
  readonly store: QuestDb;
  readonly latest: Pick<LatestValues, 'write'>;
  /** Tables of points. */
  readonly tables: Iterable<string>;
  /** Only points of this time or later, UTC microseconds: cheap, for what was lost just now. 0: all that is stored. */
  readonly sinceMicros: number;
}

/** A part of a table, both ends included, UTC microseconds. */
interface Slice {
  readonly table: string;
  readonly fromMicros: number;
  readonly toMicros: number;
}

/**
 * Writes the newest stored point of every signal; newer ones that arrive meanwhile win. Resolves with the number of points
 * written, some of which older than what another slice had. Throws `store_unavailable` or `cache_unavailable`.
 */
export async function rebuildLatest(options: RebuildOptions, signal: AbortSignal): Promise<number> {
  let points = 0;
  for (const table of options.tables)
    for (const slice of await slicesOf(options, table, signal))
      for await (const devices of pagesOf(options.store, slice, signal)) {
        await options.latest.write(devices);
        for (const device of devices) points += device.points.size;
      }
  return points;
}

/** The table's partitions that reach into the time asked for, the newest first, large ones divided evenly. */
async function slicesOf(
  { store, sinceMicros }: RebuildOptions,
  table: string,
  signal: AbortSignal,
): Promise<readonly Slice[]> {
  const partitions = await store.query(
    `SELECT cast(minTimestamp AS LONG), cast(maxTimestamp AS LONG), numRows FROM table_partitions(${sqlText(table)}) ` +
      `WHERE numRows > 0 ORDER BY minTimestamp DESC`,
    signal,
  );
  return partitions.flatMap(([oldest, newest, rows]) => {
    const fromMicros = Math.max(Number(oldest), sinceMicros);
    const toMicros = Number(newest);
    return toMicros < fromMicros ? [] : divided(table, fromMicros, toMicros, Math.ceil(Number(rows) / sliceRowsMax));
  });
}

/** So many slices that cover the time without gap or overlap, the newest first. */
function divided(table: string, fromMicros: number, toMicros: number, count: number): readonly Slice[] {
  const edge = (index: number): number => fromMicros + Math.floor(((toMicros + 1 - fromMicros) * index) / count);
  const slices = Array.from({ length: count }, (_, index) => ({
    table,
    fromMicros: edge(index),
    toMicros: edge(index + 1) - 1,
  }));
  return slices.reverse();
}

async function* pagesOf(
  store: QuestDb,
  { table, fromMicros, toMicros }: Slice,
  signal: AbortSignal,
): AsyncGenerator<readonly DeviceLatest[]> {
  for (let from = 0; ; from += pageRows) {
    const rows = await store.query(
      `SELECT tenant, device, signal, ${pointColumns} FROM (SELECT * FROM ${table} ` +
        `WHERE ts >= ${sqlLong(fromMicros)} AND ts <= ${sqlLong(toMicros)} ` +
        `LATEST ON ts PARTITION BY tenant, device, signal) ` +
        `ORDER BY tenant, device, signal LIMIT ${from}, ${from + pageRows}`,
      signal,
    );
    const devices = new Map<string, Map<string, Point>>();
    for (const [tenant, device, name, ...columns] of rows) {
      const key = deviceKey(String(tenant), String(device));
      const points = devices.get(key) ?? new Map<string, Point>();
      devices.set(key, points.set(String(name), pointOf(columns)));
    }
    yield [...devices].map(([key, points]) => ({ deviceKey: key, points }));
    if (rows.length < pageRows) return;
  }
}
