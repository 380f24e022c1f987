/**
 * All points of a range of time, a page after the other: for files of any size. Each page is a short statement of its own,
 * so that a reader may be as slow as it likes and holds nothing in QuestDB meanwhile.
 */
import { type Point, pointColumns, pointOf } from './point-query.ts';
import type { QuestDb, SqlValue } from './questdb.ts';
import { sqlLong, sqlText } from './sql-text.ts';
import { storedOrNone } from './stored-or-none.ts';

/** About three megabytes of JSON. */
export const pointsPerPageMax = 20_000;
/** A statement reads no more than one partition, and ends soon also where nothing is found. */
const sliceMicros = 86_400_000_000;

export interface NamedPoint extends Point {
  readonly device: string;
  readonly signal: string;
}

export interface PageRange {
  /** Where the tenant's points are: see `pointsTableOf`. */
  readonly table: string;
  readonly tenant: string;
  /** At most 50; none: all. */
  readonly devices: readonly string[];
  /** At most 20; none: all. */
  readonly signals: readonly string[];
  /** UTC microseconds, inclusive. */
  readonly fromMicros: number;
  /** Exclusive. */
  readonly toMicros: number;
}

export class PointPages {
  readonly #store: Pick<QuestDb, 'query'>;
  readonly #pagePoints: number;

  constructor(store: Pick<QuestDb, 'query'>, pagePoints = pointsPerPageMax) {
    this.#store = store;
    this.#pagePoints = pagePoints;
  }

  /**
   * Pages in order of time, then device, signal and row number; never empty ones. The points of one time come out of one
   * statement, so what is written meanwhile is in it or not, and nothing is twice. Throws `store_unavailable`.
   */
  async *read(range: PageRange, signal?: AbortSignal): AsyncGenerator<readonly NamedPoint[]> {
    let fromMicros = range.fromMicros;
    while (fromMicros < range.toMicros) {
      const toMicros = Math.min(range.toMicros, (Math.floor(fromMicros / sliceMicros) + 1) * sliceMicros);
      const found = await this.#query(pageStatement({ ...range, fromMicros, toMicros }, this.#pagePoints), signal);
      const lastMicros = found.at(-1)?.timeMicros ?? toMicros;
      if (found.length < this.#pagePoints) {
        if (found.length > 0) yield found.sort(byIdentity);
        fromMicros = toMicros;
      } else if (found[0]!.timeMicros < lastMicros) {
        yield found.filter(({ timeMicros }) => timeMicros < lastMicros).sort(byIdentity);
        fromMicros = lastMicros;
      } else {
        yield* this.#readTime(range, lastMicros, signal);
        fromMicros = lastMicros + 1;
      }
    }
  }

  /** More points of one time than a page has: a fleet that sends at full seconds. */
  async *#readTime(range: PageRange, micros: number, signal?: AbortSignal): AsyncGenerator<readonly NamedPoint[]> {
    const time = { ...range, fromMicros: micros, toMicros: micros + 1 };
    for (let given = 0; ; given += this.#pagePoints) {
      const found = await this.#query(timeStatement(time, given, given + this.#pagePoints), signal);
      if (found.length > 0) yield found;
      if (found.length < this.#pagePoints) return;
    }
  }

  async #query(statement: string, signal?: AbortSignal): Promise<NamedPoint[]> {
    return (await storedOrNone(this.#store, statement, signal)).map(namedPointOf);
  }
}

/** Text is quoted, numbers are checked. Without a limit on anything but the first rows QuestDB stops at the last of them. */
export function pageStatement(range: PageRange, limit: number): string {
  return `${selection(range)} ORDER BY ts LIMIT ${Math.trunc(limit)}`;
}

function timeStatement(range: PageRange, from: number, to: number): string {
  return `${selection(range)} ORDER BY device, signal, seq LIMIT ${Math.trunc(from)}, ${Math.trunc(to)}`;
}

function selection({ table, tenant, devices, signals, fromMicros, toMicros }: PageRange): string {
  const among = (column: string, names: readonly string[]): string =>
    names.length === 0 ? '' : ` AND ${column} IN (${names.map(sqlText).join(', ')})`;
  return (
    `SELECT device, signal, ${pointColumns} FROM ${table} ` +
    `WHERE ts >= ${sqlLong(fromMicros)} AND ts < ${sqlLong(toMicros)} AND tenant = ${sqlText(tenant)}` +
    `${among('device', devices)}${among('signal', signals)}`
  );
}

function namedPointOf([device, name, ...columns]: readonly SqlValue[]): NamedPoint {
  return { device: String(device), signal: String(name), ...pointOf(columns) };
}

function byIdentity(a: NamedPoint, b: NamedPoint): number {
  return a.timeMicros - b.timeMicros || compared(a.device, b.device) || compared(a.signal, b.signal) || a.seq - b.seq;
}

function compared(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
