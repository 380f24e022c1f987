/** What `config.published.v1` says: up to which offset of each partition a configuration belongs together. */
import { type PublishedPosition, topics } from '@millrace/contracts';
import type { ReadPartition } from './partition-reader.ts';
import type { Table } from './topic-table.ts';

export class PublishedMarks implements Table<PublishedPosition> {
  readonly topic = topics.configPublished;
  readonly #offsets = new Map<string, bigint>();

  apply(key: string, value: PublishedPosition | null): void {
    if (value) this.#offsets.set(key, BigInt(value.offset));
    else this.#offsets.delete(key);
  }

  isReached({ topic, partition, position }: Readonly<ReadPartition>): boolean {
    return position > (this.#offsets.get(`${topic}/${partition}`) ?? -1n);
  }

  /** The record that was published last is one that the partition has, and was read. */
  isFound({ topic, partition, begin, position }: Readonly<ReadPartition>): boolean {
    const offset = this.#offsets.get(`${topic}/${partition}`);
    return offset !== undefined && (offset < 0n || (offset >= begin && offset < position));
  }
}

/** Whether its writer publishes positions. */
export function isPublished(topic: string): boolean {
  return topic.startsWith('config.') && topic !== topics.configPublished.name && topic !== topics.configPositions.name;
}
