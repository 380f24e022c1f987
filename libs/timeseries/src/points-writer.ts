/** Stores data row lists in one table; a list with a bad row is left out and named, the others are stored. */
import type { DataRowList } from '@millrace/contracts';
import type { Breaker } from '@millrace/kernel';
import { PointsEncoder } from './points-encoder.ts';
import type { QuestDb } from './questdb.ts';
import { RowRejected } from './write-answer.ts';

/** What the writer needs of QuestDB. */
export type LineStore = Pick<QuestDb, 'write'>;

/** A list of which nothing was stored, and never can be. */
export interface ListRejection {
  /** Position in what was written. */
  readonly index: number;
  readonly reason: string;
}

export interface PointsWriterOptions {
  readonly store: LineStore;
  /** Has to exist: see `ensureTable`. */
  readonly table: string;
  /** One for all tables of a store. */
  readonly breaker: Breaker;
}

/** Lists `from` up to but not including `to`, sent in one request. */
interface Span {
  readonly from: number;
  readonly to: number;
}

export class PointsWriter {
  readonly #store: LineStore;
  readonly #breaker: Breaker;
  readonly #encoder: PointsEncoder;
  /** For each list of the write, where it ends: bytes and lines of all lists up to and including it. */
  #byteEnds: number[] = [];
  #lineEnds: number[] = [];

  constructor({ store, table, breaker }: PointsWriterOptions) {
    this.#store = store;
    this.#breaker = breaker;
    this.#encoder = new PointsEncoder(table);
  }

  /**
   * Stores all lists but those it returns. The same lists may come again; storing them twice changes nothing. One call at
   * a time: the bytes are written into one buffer. Throws `store_unavailable` when some may not be stored.
   */
  async write(lists: readonly DataRowList[], signal: AbortSignal): Promise<readonly ListRejection[]> {
    const rejections = this.#encode(lists);
    const spans: Span[] = [{ from: 0, to: lists.length }];
    for (let span = spans.pop(); span; span = spans.pop()) {
      const rejected = await this.#send(span, signal);
      if (!rejected) continue;
      const index = this.#listOfLine(span, rejected.line);
      rejections.push({ index, reason: rejected.message });
      spans.push(...without(span, index));
    }
    return rejections;
  }

  #encode(lists: readonly DataRowList[]): ListRejection[] {
    const rejections: ListRejection[] = [];
    this.#encoder.clear();
    this.#byteEnds = [];
    this.#lineEnds = [];
    for (const [index, list] of lists.entries()) {
      const reason = this.#encoder.append(list);
      if (reason !== undefined) rejections.push({ index, reason });
      this.#byteEnds.push(this.#encoder.bytes);
      this.#lineEnds.push(this.#encoder.rows);
    }
    return rejections;
  }

  async #send({ from, to }: Span, signal: AbortSignal): Promise<RowRejected | undefined> {
    const bytes = this.#encoder.slice(this.#byteEnds[from - 1] ?? 0, this.#byteEnds[to - 1] ?? 0);
    if (bytes.length === 0) return undefined;
    try {
      await this.#breaker.run(() => this.#store.write(bytes, signal));
      return undefined;
    } catch (error) {
      if (error instanceof RowRejected) return error;
      throw error;
    }
  }

  /** The list that wrote this line of the span. */
  #listOfLine({ from, to }: Span, line: number): number {
    const lineOfAll = (this.#lineEnds[from - 1] ?? 0) + line;
    const index = this.#lineEnds.findIndex((end) => end >= lineOfAll);
    return index < 0 ? to - 1 : index;
  }
}

/** What is left of a span. The part behind is cut in half, so that many bad lists do not resend everything each time. */
function without({ from, to }: Span, index: number): readonly Span[] {
  const middle = (index + 1 + to) >>> 1;
  return [
    { from: middle, to },
    { from: index + 1, to: middle },
    { from, to: index },
  ];
}
