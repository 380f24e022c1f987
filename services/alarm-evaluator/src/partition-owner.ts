/**
 * Who owns which partition. State lives exactly as long as the assignment it was restored in: after every rebalance the
 * partition may have been worked on by somebody else, so it is restored from what is stored, never taken from memory.
 */
import type { RecordBatch } from '@millrace/kafka';
import type { OwnedPartition } from './owned-partition.ts';

/** Fences former owners, then reads the checkpoint and the offset it covers. */
export type TakeOver = (partition: number, signal: AbortSignal) => Promise<OwnedPartition>;

interface Holding {
  /** Of the assignment; aborted at its end. */
  readonly signal: AbortSignal;
  readonly owned: Promise<OwnedPartition>;
}

export class PartitionOwner {
  readonly #takeOver: TakeOver;
  readonly #holdings = new Map<number, Holding>();
  readonly #closing = new Set<Promise<void>>();

  constructor(takeOver: TakeOver) {
    this.#takeOver = takeOver;
  }

  /** The partition of this batch, taken over when this is its first batch in the assignment. */
  of({ partition, signal }: Pick<RecordBatch, 'partition' | 'signal'>): Promise<OwnedPartition> {
    const holding = this.#holdings.get(partition);
    if (holding?.signal === signal) return holding.owned;
    this.drop(partition);
    const owned = this.#takeOver(partition, signal);
    const taken: Holding = { signal, owned };
    this.#holdings.set(partition, taken);
    const end = (): void => {
      if (this.#holdings.get(partition) === taken) this.drop(partition);
    };
    signal.addEventListener('abort', end, { once: true });
    owned.catch(end);
    return owned;
  }

  /** Forgets the state; the next batch restores it. */
  drop(partition: number): void {
    const holding = this.#holdings.get(partition);
    if (!holding) return;
    this.#holdings.delete(partition);
    const closed = holding.owned.then(
      (owned) => owned.close(),
      () => undefined,
    );
    const settled = closed.catch(() => undefined).finally(() => this.#closing.delete(settled));
    this.#closing.add(settled);
  }

  /** Drops everything and resolves when the producers are closed. */
  async close(): Promise<void> {
    for (const partition of this.#holdings.keys()) this.drop(partition);
    await Promise.all(this.#closing);
  }
}
