/** Divides a batch of points by table and lane. */
import type { DataRowList } from '@millrace/contracts';
import type { RecordBatch } from '@millrace/kafka';
import { Contribution, type RecordFailure } from './contribution.ts';
import { decodeRecords, type ValueDecoder } from './decode-records.ts';
import type { LanePart } from './lane-parts.ts';
import type { TableStore } from './table-store.ts';

/** Rows of one part: pieces of this size fill the flushes of 25,000 rows better than a whole batch does. */
const partRowsMax = 5_000;

export interface SortedBatch {
  readonly onTime: readonly LanePart[];
  readonly late: readonly LanePart[];
  /** Records that can never be stored. */
  readonly failures: readonly RecordFailure[];
  /** Records of tenants that were deleted. */
  readonly dropped: number;
}

/** Throws what is worth trying again, for instance for a tenant whose configuration may be on its way. */
export function sortBatch(
  { records }: RecordBatch,
  decoder: ValueDecoder<DataRowList>,
  storeOf: (tenant: string) => TableStore | undefined,
): SortedBatch {
  const onTime = new Parts();
  const late = new Parts();
  let dropped = 0;
  const failures = decodeRecords(records, decoder, (list, recordIndex) => {
    const store = storeOf(list.tenant);
    if (!store) dropped += 1;
    else if (store.isLate(list)) late.of(store, 'late').add(list, recordIndex);
    else onTime.of(store, 'onTime').add(list, recordIndex);
  });
  return { onTime: onTime.all, late: late.all, failures, dropped };
}

class Parts {
  readonly all: LanePart[] = [];
  readonly #open = new Map<TableStore, Contribution>();

  /** The contribution that takes the next list of this table. */
  of(store: TableStore, lane: 'onTime' | 'late'): Contribution {
    const open = this.#open.get(store);
    if (open && open.rows < partRowsMax) return open;
    const contribution = new Contribution();
    this.#open.set(store, contribution);
    this.all.push({ lane: store[lane], contribution });
    return contribution;
  }
}
