/** What one batch of records gives to one table. */
import type { DataRowList, ErrorCode } from '@millrace/contracts';
import type { ListRejection } from '@millrace/timeseries';

/** A record that can never be stored. */
export interface RecordFailure {
  /** Its position in the batch. */
  readonly recordIndex: number;
  readonly code: ErrorCode;
  readonly reason: string;
}

export class Contribution {
  readonly lists: DataRowList[] = [];
  /** Position of each list's record in its batch. */
  readonly #recordIndexes: number[] = [];
  #rows = 0;
  #failures: readonly RecordFailure[] = [];

  get rows(): number {
    return this.#rows;
  }

  add(list: DataRowList, recordIndex: number): void {
    this.lists.push(list);
    this.#recordIndexes.push(recordIndex);
    this.#rows += list.rows.length;
  }

  /** Told by who wrote it; `index` counts the lists of this contribution. A later write replaces what the first said. */
  reject(rejections: readonly ListRejection[]): void {
    this.#failures = rejections.map(({ index, reason }) => ({
      recordIndex: this.#recordIndexes[index]!,
      code: 'row_rejected',
      reason,
    }));
  }

  /** Records that were not stored though the write succeeded. */
  get failures(): readonly RecordFailure[] {
    return this.#failures;
  }
}
