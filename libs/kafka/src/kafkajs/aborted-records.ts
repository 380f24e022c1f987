/**
 * Leaves out what aborted transactions wrote. kafkajs 2.2.4 takes the broker's list for ordered by the transactions'
 * beginnings, steps into one of them per record, and takes a record with the key 0x00000000 for a marker; the list is in the
 * order of their ends, so that records of transactions that overlap came through. As Java's client does it
 * (CompletedFetch.nextFetchedRecord).
 */
import type { DecodedRecord } from './record-decoding.ts';

/** Of one producer; it ends with that producer's next abort marker. */
export interface AbortedTransaction {
  readonly producerId: string;
  readonly firstOffset: string;
}

/** The second field of a marker's key. */
const abortType = 0;

/** Keeps markers. `aborted`: in any order; those that end before the records do not matter. */
export function withoutAborted(
  records: readonly DecodedRecord[],
  aborted: readonly AbortedTransaction[],
): readonly DecodedRecord[] {
  const beginnings = aborted
    .map(({ producerId, firstOffset }) => ({ producerId, first: Number(firstOffset) }))
    .toSorted((a, b) => a.first - b.first)
    .values();
  const open = new Set<string>();
  let next = beginnings.next().value;
  return records.filter((record) => {
    for (; next && next.first <= record.offsetNumber; next = beginnings.next().value) open.add(next.producerId);
    const { producerId, inTransaction } = record.batchContext;
    if (!record.isControlRecord) return !(inTransaction && open.has(producerId));
    if (record.key?.readInt16BE(2) === abortType) open.delete(producerId);
    return true;
  });
}
