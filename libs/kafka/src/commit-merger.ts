/** Commits of several partitions that come within a few milliseconds go in one request. */
import type { OffsetsByTopicPartition } from 'kafkajs';
import type { Assignment } from './assignment.ts';
import { isRebalance, streamUnavailable } from './kafka-errors.ts';

/** What the handlers of one fetch settle at about the same time; more would delay the next fetch. */
const lingerMs = 3;

export type CommitRequest = (offsets: OffsetsByTopicPartition) => Promise<void>;

export class CommitMerger {
  readonly #assignment: Assignment;
  readonly #waiting = new OffsetTable();
  readonly #committed = new OffsetTable();
  #next: Promise<void> | undefined;

  constructor(assignment: Assignment) {
    this.#assignment = assignment;
  }

  /**
   * Resolves when the next offset to read is committed; one that is not higher than before already is. Throws the
   * rebalance that came first, or `stream_unavailable`: then the offset goes with the next commit, and losing it would
   * only repeat work.
   */
  commit(topic: string, partition: number, offset: bigint, request: CommitRequest): Promise<void> {
    if (offset <= this.#committed.get(topic, partition)) return Promise.resolve();
    this.#waiting.raise(topic, partition, offset);
    this.#next ??= new Promise((resolve) => setTimeout(resolve, lingerMs)).then(() => this.#send(request));
    return this.#next;
  }

  async #send(request: CommitRequest): Promise<void> {
    this.#next = undefined;
    this.#assignment.throwIfRevoked();
    const offsets = this.#waiting.take();
    try {
      await request(offsets);
      this.#committed.raiseAll(offsets);
    } catch (error) {
      this.#waiting.raiseAll(offsets);
      if (isRebalance(error)) this.#assignment.revoke(error);
      this.#assignment.throwIfRevoked();
      throw streamUnavailable('Offsets could not be committed.', error);
    }
  }
}

/** The next offset to read, by topic and partition. */
class OffsetTable {
  readonly #topics = new Map<string, Map<number, bigint>>();

  get(topic: string, partition: number): bigint {
    return this.#topics.get(topic)?.get(partition) ?? -1n;
  }

  raise(topic: string, partition: number, offset: bigint): void {
    const partitions = this.#topics.get(topic) ?? new Map<number, bigint>();
    this.#topics.set(topic, partitions);
    if (offset > this.get(topic, partition)) partitions.set(partition, offset);
  }

  raiseAll({ topics }: OffsetsByTopicPartition): void {
    for (const { topic, partitions } of topics)
      for (const { partition, offset } of partitions) this.raise(topic, partition, BigInt(offset));
  }

  /** Everything, leaving nothing. */
  take(): OffsetsByTopicPartition {
    const topics = [...this.#topics].map(([topic, partitions]) => ({
      topic,
      partitions: [...partitions].map(([partition, offset]) => ({ partition, offset: String(offset) })),
    }));
    this.#topics.clear();
    return { topics };
  }
}
