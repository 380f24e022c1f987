/** Points of several devices and signals in one window of time, from QuestDB: what statistics are made of. */
import type { Point } from './point-query.ts';
import { pointColumns, pointOf } from './point-query.ts';
import type { QuestDb } from './questdb.ts';
import { sqlLong, sqlText } from './sql-text.ts';
import { storedOrNone } from './stored-or-none.ts';

/** More in one answer than fits beside others in memory: about 15 MB of JSON. */
export const windowPointsMax = 100_000;

export interface PointWindow {
  /** Where the tenant's points are: see `pointsTableOf`. */
  readonly table: string;
  readonly tenant: string;
  readonly devices: readonly string[];
  readonly signals: readonly string[];
  /** UTC microseconds, inclusive. */
  readonly fromMicros: number;
  /** Exclusive. */
  readonly toMicros: number;
  /** At most `windowPointsMax`. */
  readonly pointsMax: number;
}

/** By device, then signal, in order of time; none for what has no points. */
export type WindowPoints = ReadonlyMap<string, ReadonlyMap<string, readonly Point[]>>;

export class WindowQuery {
  readonly #store: Pick<QuestDb, 'query'>;

  constructor(store: Pick<QuestDb, 'query'>) {
    this.#store = store;
  }

  /** Undefined: the window has more than `pointsMax` points. Throws `store_unavailable`. */
  async read(window: PointWindow, signal?: AbortSignal): Promise<WindowPoints | undefined> {
    const pointsMax = Math.max(0, Math.min(window.pointsMax, windowPointsMax));
    const rows = await storedOrNone(this.#store, windowStatement(window, pointsMax + 1), signal);
    if (rows.length > pointsMax) return undefined;
    const points = new Map<string, Map<string, Point[]>>();
    for (const [device, name, ...columns] of rows) {
      const ofDevice = points.get(String(device)) ?? new Map<string, Point[]>();
      points.set(String(device), ofDevice);
      const ofSignal = ofDevice.get(String(name));
      if (ofSignal) ofSignal.push(pointOf(columns));
      else ofDevice.set(String(name), [pointOf(columns)]);
    }
    return points;
  }
}

/** The statement of a window; text is quoted, numbers are checked. */
export function windowStatement(window: PointWindow, limit: number): string {
  const { table, tenant, devices, signals, fromMicros, toMicros } = window;
  return (
    `SELECT device, signal, ${pointColumns} FROM ${table} ` +
    `WHERE ts >= ${sqlLong(fromMicros)} AND ts < ${sqlLong(toMicros)} AND tenant = ${sqlText(tenant)} ` +
    `AND device IN (${devices.map(sqlText).join(', ')}) AND signal IN (${signals.map(sqlText).join(', ')}) ` +
    `ORDER BY ts, seq LIMIT ${Math.trunc(limit)}`
  );
}
