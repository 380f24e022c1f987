/**
 * Which devices are parked: their messages wait in `telemetry.parked.v1` until the second group has finished them, and every
 * later one has to wait behind them. What is known of a partition holds for one assignment of it.
 */
import type { RecordBatch } from '@millrace/kafka';

/** What the parked topic and the progress of the second group say. */
export interface ParkedProgress {
  /** The last offset of each device, by key, of which the group has not finished all records that are there at the call. */
  unfinished(partition: number, signal: AbortSignal): Promise<ReadonlyMap<string, bigint>>;
  /** The next offset that the group will work off, by partition. */
  finishedBefore(): Promise<ReadonlyMap<number, bigint>>;
}

export class ParkedDevices {
  readonly #progress: ParkedProgress;
  readonly #partitions = new Map<number, { readonly signal: AbortSignal; readonly parked: ParkedPartition }>();

  constructor(progress: ParkedProgress) {
    this.#progress = progress;
  }

  /** Of how many devices this process knows that they are parked. */
  get count(): number {
    this.#forgetRevoked();
    return [...this.#partitions.values()].reduce((sum, { parked }) => sum + parked.size, 0);
  }

  /** Before anything of the batch is parsed; reads the parked topic with the first batch of an assignment. */
  async of({ partition, signal }: Pick<RecordBatch, 'partition' | 'signal'>): Promise<ParkedPartition> {
    const known = this.#partitions.get(partition);
    if (known?.signal === signal) return known.parked;
    const parked = new ParkedPartition(await this.#progress.unfinished(partition, signal));
    this.#partitions.set(partition, { signal, parked });
    return parked;
  }

  /** Lets the devices go whose last parked record is finished. Asks nobody while none is parked. */
  async release(): Promise<void> {
    if (this.count === 0) return;
    const before = await this.#progress.finishedBefore();
    for (const [partition, { parked }] of this.#partitions) parked.release(before.get(partition) ?? 0n);
  }

  #forgetRevoked(): void {
    for (const [partition, { signal }] of this.#partitions) if (signal.aborted) this.#partitions.delete(partition);
  }
}

/** The parked devices of one partition: the offset of the last record that each has in the parked topic. */
export class ParkedPartition {
  readonly #lastOffsets: Map<string, bigint>;

  constructor(lastOffsets: ReadonlyMap<string, bigint>) {
    this.#lastOffsets = new Map(lastOffsets);
  }

  get size(): number {
    return this.#lastOffsets.size;
  }

  has(deviceKey: string): boolean {
    return this.#lastOffsets.has(deviceKey);
  }

  /** Records of these devices were written, the last of them at this offset or before it. */
  park(deviceKeys: Iterable<string>, lastOffset: bigint): void {
    for (const key of deviceKeys) this.#lastOffsets.set(key, lastOffset);
  }

  release(finishedBefore: bigint): void {
    for (const [key, offset] of this.#lastOffsets) if (offset < finishedBefore) this.#lastOffsets.delete(key);
  }
}
