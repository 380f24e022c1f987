/**
 * Rows of one kind into QuestDB, where there are few of them. The lines are written by the official client's encoder: its
 * convenience costs nothing that counts. They travel by our own connection: the client's sender empties its buffer before
 * it sends, retries a store that is down without end (its time-out does not end the retries), and hides QuestDB's answer.
 */
import type { Breaker } from '@millrace/kernel';
import { SenderBufferV2, SenderOptions } from '@questdb/nodejs-client';
import type { LineStore } from './points-writer.ts';
import { RowRejected } from './write-answer.ts';

/** What appends an item as one line of the table. */
export type AppendLine<T> = (buffer: SenderBufferV2, table: string, item: T) => void;

/** An item that was not stored, and never can be. */
export interface RowRejection {
  /** Position in what was written. */
  readonly index: number;
  readonly reason: string;
}

export interface RowWriterOptions<T> {
  readonly store: LineStore;
  /** One for all tables of a store. */
  readonly breaker: Breaker;
  /** Has to exist: see `ensureTable`. */
  readonly table: string;
  readonly append: AppendLine<T>;
}

export class RowWriter<T> {
  readonly #options: RowWriterOptions<T>;
  /** The address is never asked: only the encoder of the client is used. */
  readonly #encoding = new SenderOptions('http::addr=localhost;protocol_version=2');

  constructor(options: RowWriterOptions<T>) {
    this.#options = options;
  }

  /**
   * Stores all items but those it returns. The same items may come again; storing them twice changes nothing. Throws
   * `store_unavailable` when some may not be stored.
   */
  async write(items: readonly T[], signal?: AbortSignal): Promise<readonly RowRejection[]> {
    const rejections: RowRejection[] = [];
    let waiting = [...items.entries()];
    while (waiting.length > 0) {
      const rejected = await this.#send(
        waiting.map(([, item]) => item),
        signal,
      );
      if (!rejected) break;
      const position = Math.min(rejected.line, waiting.length) - 1;
      rejections.push({ index: waiting[position]![0], reason: rejected.message });
      waiting = waiting.toSpliced(position, 1);
    }
    return rejections;
  }

  async #send(items: readonly T[], signal?: AbortSignal): Promise<RowRejected | undefined> {
    const { breaker, store } = this.#options;
    const lines = this.#encode(items);
    try {
      await breaker.run(() => store.write(lines, signal));
      return undefined;
    } catch (error) {
      if (error instanceof RowRejected) return error;
      throw error;
    }
  }

  #encode(items: readonly T[]): Buffer {
    const { append, table } = this.#options;
    const buffer = new SenderBufferV2(this.#encoding);
    for (const item of items) append(buffer, table, item);
    return buffer.toBufferNew();
  }
}
