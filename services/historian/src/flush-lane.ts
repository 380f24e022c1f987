/** Joins what several partitions give to one table into one write at a time. */
import { Batcher, type BatcherOptions, type Clock } from '@millrace/kernel';
import type { DataRowList } from '@millrace/contracts';
import type { ListRejection } from '@millrace/timeseries';
import type { Contribution } from './contribution.ts';

export type FlushLimits = Pick<BatcherOptions<never>, 'weightMax' | 'lingerMs' | 'waitingWeightMax'>;

export interface FlushLaneOptions {
  /** Stores all lists but those it returns, or throws. One call at a time. */
  readonly write: (lists: readonly DataRowList[], signal: AbortSignal) => Promise<readonly ListRejection[]>;
  /** In rows. */
  readonly limits: FlushLimits;
  readonly clock: Clock;
}

/** A contribution that was taken: somebody has to wait for its end. */
export interface Taken {
  readonly stored: Promise<void>;
}

interface Item {
  readonly contribution: Contribution;
  readonly signal: AbortSignal;
}

export class FlushLane {
  readonly #write: FlushLaneOptions['write'];
  readonly #batcher: Batcher<Item>;

  constructor({ write, limits, clock }: FlushLaneOptions) {
    this.#write = write;
    this.#batcher = new Batcher<Item>({ ...limits, clock, write: (items, signal) => this.#flush(items, signal) });
  }

  /** Rows that wait or are being written. */
  get waitingRows(): number {
    return this.#batcher.waitingWeight;
  }

  /**
   * Resolves when there is room and the contribution joined a flush; `stored` then settles with that flush. When the signal
   * is aborted before the flush begins, the contribution is left out of it.
   */
  async take(contribution: Contribution, signal: AbortSignal): Promise<Taken> {
    for (;;) {
      const stored = this.#batcher.offer({ contribution, signal }, contribution.rows);
      if (stored) return { stored };
      await this.#batcher.room(signal);
    }
  }

  close(signal: AbortSignal): Promise<void> {
    return this.#batcher.close(signal);
  }

  async #flush(items: readonly Item[], signal: AbortSignal): Promise<void> {
    const wanted = items.filter((item) => !item.signal.aborted).map(({ contribution }) => contribution);
    const lists = wanted.flatMap((contribution) => contribution.lists);
    if (lists.length > 0) handBack(wanted, await this.#write(lists, signal));
  }
}

/** Tells each contribution which of its lists were rejected. */
function handBack(contributions: readonly Contribution[], rejections: readonly ListRejection[]): void {
  let from = 0;
  for (const contribution of contributions) {
    const to = from + contribution.lists.length;
    const own = rejections.filter(({ index }) => index >= from && index < to);
    contribution.reject(own.map(({ index, reason }) => ({ index: index - from, reason })));
    from = to;
  }
}
