/**
 * Reads whole topics from their beginning, or what comes after their end, and goes on reading, without a consumer group:
 * nothing is joined, committed or rebalanced, and a start does not wait for a group's first rebalance.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { backoff, retrying } from '@millrace/kernel';
import { type Cluster, Batch, type FetchedPartition, newCluster, readCommitted } from './kafkajs/cluster.ts';
import { protocolErrorOf, reasonOf } from './kafka-errors.ts';
import type { Kafka } from './kafka.ts';
import type { ConsumedRecord } from './record-batch.ts';

/** An idle reader asks this often; records come at once all the same. Closing waits for it. */
const waitMsMax = 500;
const fetchBytesMax = 4 * 1024 * 1024;
const partitionBytesMax = 1024 * 1024;
const retryDelays = { delayMsMin: 100, delayMsMax: 2_000 };

/** Where a partition stands. */
export interface ReadPartition {
  readonly topic: string;
  readonly partition: number;
  /** The end of the partition when the reader began: the next offset that was to be given then. */
  readonly end: bigint;
  /** The next offset to read. */
  position: bigint;
}

/** Called in order; what it waits for is waited for, and what it throws makes the same records come again. */
export type OnRecords = (topic: string, partition: number, records: readonly ConsumedRecord[]) => Promise<void>;

export class PartitionReader {
  readonly #kafka: Kafka;
  readonly #cluster: Cluster;
  readonly #topics: readonly string[];
  readonly #onRecords: OnRecords;
  readonly #isRead: (one: TopicPartition) => boolean;
  readonly #closing = new AbortController();
  readonly #waiters = new Set<{ readonly condition: () => boolean; readonly resolve: () => void }>();
  #partitions: readonly ReadPartition[] = [];
  #reading: Promise<void> = Promise.resolve();

  /** `isRead`: which partitions of the topics are; default: all. */
  constructor(
    kafka: Kafka,
    topics: readonly string[],
    onRecords: OnRecords,
    isRead: (one: TopicPartition) => boolean = () => true,
    cluster: Cluster = newCluster(kafka.newClient()),
  ) {
    this.#kafka = kafka;
    this.#cluster = cluster;
    this.#topics = topics;
    this.#onRecords = onRecords;
    this.#isRead = isRead;
  }

  get partitions(): readonly Readonly<ReadPartition>[] {
    return this.#partitions;
  }

  /** Resolves when it is known where each partition begins and ends; waits for Kafka until `signal`. */
  async start(signal: AbortSignal, from: 'beginning' | 'end' = 'beginning'): Promise<void> {
    const onRetry = (error: unknown): void => this.#notifyRetry(error);
    const located = await retrying(() => this.#locate(), { ...retryDelays, onRetry }, signal);
    this.#partitions = from === 'beginning' ? located : located.map((one) => ({ ...one, position: one.end }));
    this.#reading = this.#read();
  }

  /** Resolves when the condition, which is looked at after each fetch, is true. */
  async until(condition: () => boolean, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (condition()) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter = { condition, resolve };
    const onAbort = (): void => reject(signal.reason as Error);
    this.#waiters.add(waiter);
    signal.addEventListener('abort', onAbort);
    try {
      await promise;
    } finally {
      this.#waiters.delete(waiter);
      signal.removeEventListener('abort', onAbort);
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#reading;
    await this.#cluster.disconnect();
  }

  async #locate(): Promise<readonly ReadPartition[]> {
    await this.#cluster.connect();
    await this.#cluster.addMultipleTargetTopics(this.#topics);
    const partitions = this.#topics
      .flatMap((topic) =>
        this.#cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => ({ topic, partition: partitionId })),
      )
      .filter(this.#isRead);
    const [begin, end] = [await this.#offsets(partitions, true), await this.#offsets(partitions, false)];
    return partitions.map((one) => ({ ...one, position: begin(one), end: end(one) }));
  }

  async #offsets(
    partitions: readonly TopicPartition[],
    fromBeginning: boolean,
  ): Promise<(one: TopicPartition) => bigint> {
    const byTopic = Map.groupBy(partitions, ({ topic }) => topic);
    const request = [...byTopic].map(([topic, members]) => ({ topic, partitions: members, fromBeginning }));
    const answer = await this.#cluster.fetchTopicsOffset(request);
    return ({ topic, partition }) => {
      const offsets = answer.find((one) => one.topic === topic)?.partitions;
      const found = offsets?.find((one) => one.partition === partition);
      if (!found) throw new Error(`Kafka did not say where partition ${partition} of ${topic} begins or ends.`);
      return BigInt(found.offset);
    };
  }

  async #read(): Promise<void> {
    const delays = backoff(retryDelays);
    while (!this.#closing.signal.aborted) {
      try {
        await Promise.all(this.#byLeader().map(([nodeId, partitions]) => this.#fetch(nodeId, partitions)));
        delays.reset();
        for (const { condition, resolve } of this.#waiters) if (condition()) resolve();
      } catch (error) {
        this.#notifyRetry(error);
        await sleep(delays.next(), undefined, { signal: this.#closing.signal }).catch(() => undefined);
        await this.#recover(error).catch(() => undefined);
      }
    }
  }

  #byLeader(): readonly (readonly [string, readonly ReadPartition[]])[] {
    const leaderOf = ({ topic, partition }: TopicPartition): string =>
      String(
        this.#cluster.findTopicPartitionMetadata(topic).find(({ partitionId }) => partitionId === partition)?.leader,
      );
    return [...Map.groupBy(this.#partitions, leaderOf)];
  }

  async #fetch(nodeId: string, partitions: readonly ReadPartition[]): Promise<void> {
    const broker = await this.#cluster.findBroker({ nodeId });
    const topics = [...Map.groupBy(partitions, ({ topic }) => topic)].map(([topic, members]) => ({
      topic,
      partitions: members.map(({ partition, position }) => ({
        partition,
        fetchOffset: String(position),
        maxBytes: partitionBytesMax,
      })),
    }));
    const { responses } = await broker.fetch({
      maxWaitTime: waitMsMax,
      minBytes: 1,
      maxBytes: fetchBytesMax,
      isolationLevel: readCommitted,
      topics,
    });
    const fetched = responses.flatMap(({ topicName, partitions: found }) => found.map((one) => ({ topicName, one })));
    const isEmpty = fetched.every(({ one }) => one.messages.length === 0);
    for (const { topicName, one } of fetched) {
      const read = partitions.find(({ topic, partition }) => topic === topicName && partition === one.partition);
      if (read && isEmpty) this.#skipToEnd(read, one);
      else if (read) await this.#hand(read, one);
    }
  }

  /**
   * Nothing is left up to the end: it was compacted away, or is a marker of a transaction. Only when the whole answer is
   * empty; else the others may just have used up its bytes.
   */
  #skipToEnd(read: ReadPartition, { lastStableOffset }: FetchedPartition): void {
    const end = BigInt(lastStableOffset);
    if (end > read.position) read.position = end;
  }

  async #hand(read: ReadPartition, fetched: FetchedPartition): Promise<void> {
    if (fetched.messages.length === 0) return;
    const batch = new Batch(read.topic, String(read.position), fetched);
    if (batch.messages.length > 0) await this.#onRecords(read.topic, read.partition, batch.messages);
    const next = BigInt(batch.lastOffset()) + 1n;
    if (next > read.position) read.position = next;
  }

  /** Retention or compaction may have removed the offset that was to be read: go on with the first that is there. */
  async #recover(error: unknown): Promise<void> {
    await this.#cluster.refreshMetadata();
    if (protocolErrorOf(error) !== 'OFFSET_OUT_OF_RANGE') return;
    const begin = await this.#offsets(this.#partitions, true);
    for (const read of this.#partitions) if (begin(read) > read.position) read.position = begin(read);
  }

  #notifyRetry(error: unknown): void {
    const fields = { topics: this.#topics.join(','), reason: reasonOf(error) };
    this.#kafka.notify({ level: 'warn', sentence: 'Topics could not be read and are tried again.', fields });
  }
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}
