/**
 * Collects items into batches and writes one batch at a time; the next one fills meanwhile. The heart of every hot path:
 * one promise, one timer and one array per batch, nothing per item.
 */
import { MillraceError } from '@millrace/contracts';
import { type Clock, systemClock } from './clock.ts';
import { orAborted } from './or-aborted.ts';

export interface BatcherOptions<T> {
  /**
   * Makes the items durable or throws. Called with one batch at a time, in the order of offers; a batch that failed is
   * not written again, its offers reject. The signal is aborted when `close` may wait no longer.
   */
  readonly write: (items: readonly T[], signal: AbortSignal) => Promise<void>;
  /** A batch never weighs more, unless it is one single item. */
  readonly weightMax: number;
  /** The longest time the first item of a batch waits for company; 0: only while another batch is being written. */
  readonly lingerMs: number;
  /** Bound of the memory held: offers are refused beyond this weight, waiting and being written. */
  readonly waitingWeightMax: number;
  readonly clock?: Clock;
}

interface Batch<T> {
  readonly items: T[];
  weight: number;
  /** May be written; until its turn comes it still takes items. */
  due: boolean;
  readonly written: PromiseWithResolvers<void>;
}

export class Batcher<T> {
  readonly #options: BatcherOptions<T>;
  readonly #clock: Clock;
  readonly #aborting = new AbortController();
  /** In order of offers; only the last one takes items. The one being written is no longer here. */
  #batches: Batch<T>[] = [];
  #writing: Batch<T> | undefined;
  #weight = 0;
  #closed = false;
  /** Resolves at the end of the next write, whatever became of it; there only while someone waits for room. */
  #nextEnd: PromiseWithResolvers<void> | undefined;

  constructor(options: BatcherOptions<T>) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** Weight of what was taken and is not yet settled, the batch being written included. */
  get waitingWeight(): number {
    return this.#weight;
  }

  /**
   * Takes the item into a batch and gives that batch's promise: it resolves when the batch is written and rejects with the
   * error of `write`. All offers of a batch share the one promise, and somebody has to handle it. Undefined: full, nothing
   * was taken; wait for `room`. An item that alone weighs more than the limit is taken when nothing else waits.
   * Throws `not_ready` after `close`.
   */
  offer(item: T, weight: number): Promise<void> | undefined {
    if (this.#closed) throw new MillraceError('not_ready', 'The batcher is closed: the service is stopping.');
    if (this.#weight > 0 && this.#weight + weight > this.#options.waitingWeightMax) return undefined;
    const batch = this.#openBatch(weight);
    batch.items.push(item);
    batch.weight += weight;
    this.#weight += weight;
    if (batch.weight >= this.#options.weightMax) batch.due = true;
    this.#writeDue();
    return batch.written.promise;
  }

  /** For a refused offer: resolves when a write has ended since, at once when nothing waits. Then offer again. */
  async room(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.#weight === 0) return;
    this.#nextEnd ??= Promise.withResolvers();
    await (signal ? orAborted(this.#nextEnd.promise, signal) : this.#nextEnd.promise);
  }

  /** Writes what waits without lingering; resolves when all of it is settled. Failures are told by the offers' promises. */
  async flush(): Promise<void> {
    for (const batch of this.#batches) batch.due = true;
    const pending = [this.#writing, ...this.#batches].filter((batch) => batch !== undefined);
    this.#writeDue();
    await Promise.allSettled(pending.map((batch) => batch.written.promise));
  }

  /** Takes no more, flushes and ends. When the signal is aborted, the write is told and what still waits is rejected. */
  async close(signal?: AbortSignal): Promise<void> {
    this.#closed = true;
    const abort = (): void => this.#abort(signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    await this.flush();
    signal?.removeEventListener('abort', abort);
  }

  #openBatch(weight: number): Batch<T> {
    const last = this.#batches.at(-1);
    if (last && last.weight + weight <= this.#options.weightMax) return last;
    if (last) last.due = true;
    const { lingerMs } = this.#options;
    const batch: Batch<T> = { items: [], weight: 0, due: lingerMs === 0, written: Promise.withResolvers() };
    this.#batches.push(batch);
    if (!batch.due) void this.#writeAfterLinger(batch, lingerMs);
    return batch;
  }

  async #writeAfterLinger(batch: Batch<T>, lingerMs: number): Promise<void> {
    await this.#clock.sleep(lingerMs);
    batch.due = true;
    this.#writeDue();
  }

  #writeDue(): void {
    if (!this.#writing && this.#batches[0]?.due) void this.#writeAllDue();
  }

  async #writeAllDue(): Promise<void> {
    while (this.#batches[0]?.due) {
      const batch = this.#batches.shift()!;
      this.#writing = batch;
      try {
        await this.#options.write(batch.items, this.#aborting.signal);
        batch.written.resolve();
      } catch (error) {
        batch.written.reject(error);
      }
      this.#writing = undefined;
      this.#settled(batch);
    }
  }

  #settled(batch: Batch<T>): void {
    this.#weight -= batch.weight;
    this.#nextEnd?.resolve();
    this.#nextEnd = undefined;
  }

  #abort(reason: unknown): void {
    this.#aborting.abort(reason);
    const waiting = this.#batches;
    this.#batches = [];
    for (const batch of waiting) {
      batch.written.reject(reason);
      this.#settled(batch);
    }
  }
}
