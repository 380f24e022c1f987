/** A record batch over what kafkajs fetched, bound to the assignment it was fetched in. */
import type { EachBatchPayload } from 'kafkajs';
import type { Assignment } from './assignment.ts';
import type { CommitMerger, CommitRequest } from './commit-merger.ts';
import type { ConsumedRecord, RecordBatch } from './record-batch.ts';

export class FetchedBatch implements RecordBatch {
  readonly topic: string;
  readonly partition: number;
  readonly recordsBehind: number;
  readonly records: readonly ConsumedRecord[];
  readonly #payload: EachBatchPayload;
  readonly #assignment: Assignment;
  readonly #commits: CommitMerger;
  /** The next offset to commit; undefined: nothing is settled. */
  #settledBefore: bigint | undefined;

  constructor(payload: EachBatchPayload, assignment: Assignment, commits: CommitMerger) {
    const { topic, partition, messages } = payload.batch;
    this.topic = topic;
    this.partition = partition;
    this.recordsBehind = recordsBehind(payload);
    this.records = messages;
    this.#payload = payload;
    this.#assignment = assignment;
    this.#commits = commits;
  }

  get signal(): AbortSignal {
    return this.#assignment.signal;
  }

  /** The partition had more records than were fetched. */
  get isBehind(): boolean {
    return this.recordsBehind > 0;
  }

  settle(count: number): void {
    const last = this.records[count - 1];
    // The end of the batch may lie behind its last record: transactions end with a marker that nobody gets to see.
    if (count === this.records.length) this.settleBefore(BigInt(this.#payload.batch.lastOffset()) + 1n);
    else if (last) this.settleBefore(BigInt(last.offset) + 1n);
  }

  settleBefore(offset: bigint): void {
    if (this.#settledBefore === undefined || offset > this.#settledBefore) this.#settledBefore = offset;
  }

  /** Whether the handler got on. */
  get settledSome(): boolean {
    return this.#settledBefore !== undefined;
  }

  async commit(): Promise<void> {
    if (this.#settledBefore === undefined) return;
    const request: CommitRequest = (offsets) => this.#payload.commitOffsetsIfNecessary(offsets);
    await this.#commits.commit(this.topic, this.partition, this.#settledBefore, request);
  }

  async heartbeat(): Promise<void> {
    this.#assignment.throwIfRevoked();
    await this.#payload.heartbeat();
  }

  /** The next fetch begins after this batch. */
  moveOn(): void {
    this.#payload.resolveOffset(this.#payload.batch.lastOffset());
  }

  /**
   * The next fetch begins at the first record that is not settled. Nothing settled: kafkajs fetches from where it did
   * before. That is the seek back; a seek of kafkajs would survive a rebalance and be applied to the next assignment.
   */
  stayBehind(): void {
    const first = BigInt(this.records[0]?.offset ?? 0);
    if (this.#settledBefore !== undefined && this.#settledBefore > first)
      this.#payload.resolveOffset(String(this.#settledBefore - 1n));
  }

  /** No fetch of this partition until the returned function is called. */
  pause(): () => void {
    return this.#payload.pause();
  }
}

/** The fetch may have covered more than it shows: transactions end with a marker. */
function recordsBehind({ batch }: EachBatchPayload): number {
  return Math.max(0, Number(BigInt(batch.highWatermark) - BigInt(batch.lastOffset()) - 1n));
}
