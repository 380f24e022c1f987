/** Reads latest values back from QuestDB when Redis lost them, or may never have got them. */
import { deviceKey } from '@millrace/contracts';
import type { DeviceLatest, LatestValues } from './latest-values.ts';
import { type Point, pointColumns, pointOf } from './point-query.ts';
import type { QuestDb } from './questdb.ts';
import { sqlLong, sqlText } from './sql-text.ts';

/** Signals read at a time: a few megabytes. */
const pageRows = 20_000;

export interface TenantTable {
  readonly tenant: string;
  readonly table: string;
}

export interface RebuildOptions {
  readonly store: QuestDb;
  readonly latest: LatestValues;
  readonly tenants: Iterable<TenantTable>;
  /** Only points of this time or later, UTC microseconds: cheap, for what was lost just now. 0: all that is stored. */
  readonly sinceMicros: number;
}

/**
 * Writes the newest stored point of every signal; newer ones that arrive meanwhile win. A tenant at a time, so that the
 * answer stays small. Resolves with the number of signals. Throws `store_unavailable` or `cache_unavailable`.
 */
export async function rebuildLatest(options: RebuildOptions, signal: AbortSignal): Promise<number> {
  let signals = 0;
  for (const tenant of options.tenants)
    for await (const devices of pagesOf(options, tenant, signal)) {
      await options.latest.write(devices);
      for (const { points } of devices) signals += points.size;
    }
  return signals;
}

async function* pagesOf(
  { store, sinceMicros }: RebuildOptions,
  { tenant, table }: TenantTable,
  signal: AbortSignal,
): AsyncGenerator<readonly DeviceLatest[]> {
  for (let from = 0; ; from += pageRows) {
    const rows = await store.query(
      `SELECT device, signal, ${pointColumns} FROM (SELECT * FROM ${table} WHERE tenant = ${sqlText(tenant)} ` +
        `AND ts >= ${sqlLong(sinceMicros)} LATEST ON ts PARTITION BY device, signal) ` +
        `ORDER BY device, signal LIMIT ${from}, ${from + pageRows}`,
      signal,
    );
    const devices = new Map<string, Map<string, Point>>();
    for (const [device, name, ...columns] of rows) {
      const key = deviceKey(tenant, String(device));
      const points = devices.get(key) ?? new Map<string, Point>();
      devices.set(key, points.set(String(name), pointOf(columns)));
    }
    yield [...devices].map(([key, points]) => ({ deviceKey: key, points }));
    if (rows.length < pageRows) return;
  }
}
