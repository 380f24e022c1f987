/**
 * Takes batches of points and stores them. A batch ends in one of three ways: every row is in QuestDB and every record that
 * can never be is a dead letter; or something it needs is away and it is read again; or its assignment ended. Late rows
 * outlive their batch in a lane of their own and hold its offset back until they are stored.
 */
import { asMillraceError, type DataRowList, MillraceError } from '@millrace/contracts';
import type { RecordBatch } from '@millrace/kafka';
import { orAborted, retrying, type WorkInProgress } from '@millrace/kernel';
import type { Hop } from '@millrace/observe';
import type { ValueDecoder } from './decode-records.ts';
import { failuresOf, type LanePart, storeParts, type TakenParts, takeParts } from './lane-parts.ts';
import { PartitionProgress } from './partition-progress.ts';
import { putAside, type PutAsideOptions } from './put-aside.ts';
import { sortBatch } from './sort-batch.ts';
import type { TenantTables } from './tenant-tables.ts';

/**
 * Late rows held in memory: what their lanes hold and the batches that wait to join. Beyond, partitions with late rows are
 * paused; it is reached while QuestDB is away and only late rows come.
 */
const lateRowsMax = 300_000;

/** Late rows are tried again by themselves: their batch has been left behind. */
const lateRetryDelays = { delayMsMin: 500, delayMsMax: 5_000 };

export interface PointsIntakeOptions extends PutAsideOptions {
  readonly decoder: ValueDecoder<DataRowList>;
  readonly tables: Pick<TenantTables, 'storeOf'>;
  /** Counts records when they have their end: those that are read again are counted once. */
  readonly hop: Hop;
  /** Knows of late rows, which outlive their batch. */
  readonly work: Pick<WorkInProgress, 'begin'>;
}

export class PointsIntake {
  readonly #options: PointsIntakeOptions;
  readonly #progress = new PartitionProgress();
  #lateRows = 0;
  /** What ended late rows other than QuestDB being away: a defect, told by the next batch. */
  #defect: { readonly error: unknown } | undefined;

  constructor(options: PointsIntakeOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the batch is stored or, with late rows in it, when those were taken. Throws `retry: 'later'` while
   * QuestDB or Kafka are away; the batch then comes again.
   */
  async store(batch: RecordBatch): Promise<void> {
    if (this.#defect) throw this.#defect.error;
    const { hop } = this.#options;
    hop.in(batch.records.length);
    try {
      await this.#storeHeld(batch);
    } catch (error) {
      hop.givenBack(batch.records.length);
      throw error;
    }
  }

  async #storeHeld(batch: RecordBatch): Promise<void> {
    const { decoder, tables } = this.#options;
    const { onTime, late, failures, dropped } = sortBatch(batch, decoder, (tenant) => tables.storeOf(tenant));
    if (late.length > 0 && this.#lateRows > lateRowsMax)
      throw new MillraceError('store_unavailable', `More than ${lateRowsMax} late rows wait for QuestDB.`);
    await storeParts(onTime, batch.signal);
    const putAsideNow = [...failures, ...failuresOf(onTime)];
    await putAside(this.#options, batch, putAsideNow);
    const taken = await takeParts(late, batch.signal);
    const settle = this.#progress.begin(batch);
    const end = (): void => {
      settle();
      this.#count(batch, putAsideNow.length + failuresOf(late).length, dropped);
    };
    if (late.length === 0) end();
    else void this.#endLate(batch, late, taken, end);
  }

  /** Waits for late rows, repeating them while QuestDB is away, then settles and commits their batch. */
  async #endLate(batch: RecordBatch, late: readonly LanePart[], taken: TakenParts, end: () => void): Promise<void> {
    const { topic, partition, signal } = batch;
    const rows = late.reduce((sum, { contribution }) => sum + contribution.rows, 0);
    const ended = this.#options.work.begin();
    this.#lateRows += rows;
    let first: TakenParts | undefined = taken;
    const attempt = async (): Promise<void> => {
      const stored = first ? orAborted(first.stored, signal) : storeParts(late, signal);
      first = undefined;
      await stored;
      await putAside(this.#options, batch, failuresOf(late));
    };
    const onRetry = (error: unknown): void => {
      this.#options.events.lateRowsRetried({ topic, partition, reason: asMillraceError(error).message });
    };
    try {
      await retrying(attempt, { ...lateRetryDelays, onRetry, clock: this.#options.clock }, signal);
      end();
      await batch.commit().catch(() => undefined); // Not committed is read again; the partition's next commit covers it.
    } catch (error) {
      this.#options.hop.givenBack(batch.records.length);
      if (!signal.aborted) this.#defect = { error };
    } finally {
      this.#lateRows -= rows;
      ended();
    }
  }

  #count({ records }: RecordBatch, deadLetters: number, dropped: number): void {
    const { hop } = this.#options;
    hop.out(records.length - deadLetters - dropped);
    hop.deadLettered(deadLetters);
    if (dropped > 0) hop.rejected('tenant_deleted', dropped);
  }
}
