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
  /** The first offset it had when the reader began, or when the partition began anew. */
  begin: bigint;
  /** Its end at that time: the next offset that was to be given then. */
  end: bigint;
  /** The next offset to read. */
  position: bigint;
}

/** Called in order; what it waits for is waited for, and what it throws makes the same records come again. */
export type OnRecords = (topic: string, partition: number, records: readonly ConsumedRecord[]) => Promise<void>;

export interface PartitionReaderOptions {
  /** Which partitions of the topics are read. Default: all. */
  readonly isRead: (one: TopicPartition) => boolean;
  /** Where records vanish by compaction only: when such a partition has a new beginning, somebody deleted records. Default: nowhere. */
  readonly keepsAll: (one: TopicPartition) => boolean;
  /** The partition lost what was read of it (its topic was made anew, its records deleted) and is read from its beginning. */
  readonly onAnew: (one: TopicPartition) => void;
  readonly cluster: Cluster;
}

export class PartitionReader {
  readonly #kafka: Kafka;
  readonly #cluster: Cluster;
  readonly #topics: readonly string[];
  readonly #onRecords: OnRecords;
  readonly #options: Omit<PartitionReaderOptions, 'cluster'>;
  readonly #closing = new AbortController();
  readonly #waiters = new Set<{ readonly condition: () => boolean; readonly resolve: () => void }>();
  #partitions: readonly ReadPartition[] = [];
  #reading: Promise<void> = Promise.resolve();
  /** What has to be found again before the next fetch: where partitions begin and end, and whether topics are the same. */
  #lost: 'place' | 'topic' | undefined;

  constructor(
    kafka: Kafka,
    topics: readonly string[],
    onRecords: OnRecords,
    { cluster = newCluster(kafka.newClient()), ...options }: Partial<PartitionReaderOptions> = {},
  ) {
    this.#kafka = kafka;
    this.#cluster = cluster;
    this.#topics = topics;
    this.#onRecords = onRecords;
    this.#options = { isRead: () => true, keepsAll: () => false, onAnew: () => undefined, ...options };
  }

  get partitions(): readonly Readonly<ReadPartition>[] {
    return this.#partitions;
  }

  /** Resolves when it is known where each partition begins and ends; waits for Kafka until `signal`. What is older than an offset is left out. */
  async start(signal: AbortSignal, from: 'beginning' | 'end' | bigint = 'beginning'): Promise<void> {
    const onRetry = (error: unknown): void => this.#notifyRetry(error);
    const located = await retrying(() => this.#locate(), { ...retryDelays, onRetry }, signal);
    this.#partitions = located.map((one) => ({ ...one, position: placeIn(one, from) }));
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
      .filter(this.#options.isRead);
    const [begin, end] = [await this.#offsets(partitions, true), await this.#offsets(partitions, false)];
    return partitions.map((one) => ({ ...one, begin: begin(one), position: begin(one), end: end(one) }));
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
        await this.#findLost();
        await allDone(this.#byLeader().map(([nodeId, partitions]) => this.#fetch(nodeId, partitions)));
        delays.reset();
        for (const { condition, resolve } of this.#waiters) if (condition()) resolve();
      } catch (error) {
        this.#notifyRetry(error);
        this.#lost = lostAfter(error) ?? this.#lost;
        await sleep(delays.next(), undefined, { signal: this.#closing.signal }).catch(() => undefined);
        await this.#cluster.refreshMetadata().catch(() => undefined);
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
      if (!read) continue;
      if (this.#options.keepsAll(read) && BigInt(one.lastStartOffset) > read.begin)
        this.#beginAnew(read, BigInt(one.lastStartOffset), BigInt(one.lastStableOffset));
      else if (isEmpty) this.#skipToEnd(read, one);
      else await this.#hand(read, one);
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

  /**
   * Retention may have removed the offset that was to be read: go on with the first that is there. What ends before it is
   * another log under the same name; so is, for all we know, one whose topic was gone for a while.
   */
  async #findLost(): Promise<void> {
    if (!this.#lost) return;
    const [begin, end] = [await this.#offsets(this.#partitions, true), await this.#offsets(this.#partitions, false)];
    for (const read of this.#partitions) {
      const isKept = !this.#options.keepsAll(read) || (this.#lost === 'place' && begin(read) === read.begin);
      if (end(read) < read.position || !isKept) this.#beginAnew(read, begin(read), end(read));
      else if (begin(read) > read.position) read.position = begin(read);
    }
    this.#lost = undefined;
  }

  #beginAnew(read: ReadPartition, begin: bigint, end: bigint): void {
    Object.assign(read, { begin, end, position: begin });
    this.#options.onAnew(read);
  }

  #notifyRetry(error: unknown): void {
    const fields = { topics: this.#topics.join(','), reason: reasonOf(error) };
    this.#kafka.notify({ level: 'warn', sentence: 'Topics could not be read and are tried again.', fields });
  }
}

function placeIn({ begin, end }: ReadPartition, from: 'beginning' | 'end' | bigint): bigint {
  if (typeof from === 'string') return from === 'beginning' ? begin : end;
  return from > begin ? from : begin;
}

function lostAfter(error: unknown): 'place' | 'topic' | undefined {
  const type = protocolErrorOf(error);
  if (type === 'UNKNOWN_TOPIC_OR_PARTITION') return 'topic';
  return type === 'OFFSET_OUT_OF_RANGE' ? 'place' : undefined;
}

/** A fetch that goes on after another has failed would read the same partitions beside the next ones. */
async function allDone(fetches: readonly Promise<void>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(fetches)) if (outcome.status === 'rejected') throw outcome.reason;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}
