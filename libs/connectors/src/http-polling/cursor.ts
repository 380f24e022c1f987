/** Up to where the rows of a growing table were taken. Kept in memory: see the head of the connector. */
import { microsOfIsoTime, MillraceError } from '@millrace/contracts';
import type { HttpPollingSettings } from './settings.ts';
import type { Row } from './rows.ts';

/** A row with its place in the order. */
export interface OrderedRow {
  readonly row: Row;
  readonly position: number;
  /** As it stands in the row. */
  readonly text: string;
}

export class Cursor {
  readonly #settings: NonNullable<HttpPollingSettings['cursor']>;
  #taken = -Infinity;

  constructor(settings: NonNullable<HttpPollingSettings['cursor']>) {
    this.#settings = settings;
  }

  /**
   * The rows behind the last one that was taken, in their order. A table whose last row lies before it has begun anew, and so all of it
   * is new. Throws `malformed_body` when a row has no place in the order.
   */
  newIn(rows: readonly Row[]): readonly OrderedRow[] {
    const ordered = rows.map((row, index) => this.#ordered(row, index)).toSorted((a, b) => a.position - b.position);
    const last = ordered.at(-1);
    if (last !== undefined && last.position < this.#taken) this.#taken = -Infinity;
    return ordered.filter(({ position }) => position > this.#taken);
  }

  take(position: number): void {
    this.#taken = Math.max(this.#taken, position);
  }

  /** What was taken from this position on was not stored: it shall come again. */
  giveBack(position: number): void {
    this.#taken = Math.min(this.#taken, position - 1);
  }

  #ordered(row: Row, index: number): OrderedRow {
    const { place, name } = this.#settings;
    const value = place(row.document);
    const position = positionOf(value);
    if (position !== undefined) return { row, position, text: String(value) };
    const detail = `Check what the server answers. Row ${index + 1} has no number and no ISO 8601 time at "${name}".`;
    throw new MillraceError('malformed_body', detail);
  }
}

function positionOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value === '') return undefined;
  const asNumber = Number(value);
  return Number.isFinite(asNumber) ? asNumber : microsOfIsoTime(value);
}
