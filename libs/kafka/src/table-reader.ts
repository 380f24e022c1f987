/** Compacted topics as tables: read to the end once, then followed. */
import type { Kafka } from './kafka.ts';
import { PartitionReader, type ReadPartition, type TopicPartition } from './partition-reader.ts';
import { isPublished, PublishedMarks } from './published-marks.ts';
import type { ConsumedRecord } from './record-batch.ts';
import { endOffsets } from './topic-offsets.ts';
import { type Codecs, type Table, TopicTable } from './topic-table.ts';

export interface TableReader {
  /** The next offset of a partition that was not applied yet; -1: it is not read. */
  position(topic: string, partition: number): bigint;
  /** Resolves when the offset was read. */
  reached(topic: string, partition: number, offset: bigint, signal: AbortSignal): Promise<void>;
  /** Resolves when everything that the topic held at the call was applied. */
  caughtUp(topic: string, signal: AbortSignal): Promise<void>;
  /** Resolves when the condition, which is looked at after each fetch and at least twice a second, is true. */
  until(condition: () => boolean, signal: AbortSignal): Promise<void>;
  /**
   * The topic lost its records (it was made anew, or they were deleted), and nobody has published it since: its table still
   * says what it said before.
   */
  isLost(topic: string): boolean;
  close(): Promise<void>;
}

/** Who published a configuration waits for this long at most; one that Kafka lost would else keep everybody from starting. */
const publishedMsMax = 10_000;

/**
 * Resolves when the tables are read up to where committed records ended at the call and up to the positions that
 * `config.published.v1` names for them, and goes on applying changes until `close`; a transaction that is open is not waited
 * for. Waits for Kafka and the registry until `signal`. A record that cannot be decoded or applied is left out and told as a
 * notice: one wrong record must not stop a service. When a compacted topic began anew, its table is replaced by what it has
 * once it is read to its end; a configuration topic's not before it was published again.
 */
export async function readTables(
  kafka: Kafka,
  registry: Codecs,
  // Each table has a type of its own; its codec gives exactly that.
  tables: readonly Table<never>[],
  signal: AbortSignal,
): Promise<TableReader> {
  const marks = new PublishedMarks();
  const isConfiguration = tables.some(({ topic }) => isPublished(topic.name));
  const all = [...tables, ...(isConfiguration ? [marks] : [])] as readonly Table<unknown>[];
  const made = all.map(
    async (table) => new TopicTable(kafka, registry, table, await registry.codec(table.topic, signal)),
  );
  const reader = new OpenTableReader(kafka, await Promise.all(made), marks);
  try {
    await reader.start(signal);
  } catch (error) {
    await reader.close();
    throw error;
  }
  return reader;
}

class OpenTableReader implements TableReader {
  readonly #kafka: Kafka;
  readonly #tables: readonly TopicTable[];
  readonly #marks: PublishedMarks;
  readonly #reader: PartitionReader;
  readonly #closing = new AbortController();
  /** Partitions that began anew and are not whole yet. */
  readonly #anew = new Set<Readonly<ReadPartition>>();

  constructor(kafka: Kafka, tables: readonly TopicTable[], marks: PublishedMarks) {
    this.#kafka = kafka;
    this.#tables = tables;
    this.#marks = marks;
    const names = [...new Set(tables.map(({ topic }) => topic.name))];
    const compacted = new Set(names.filter((name) => this.#of(name)[0]?.topic.retention === 'compacted'));
    this.#reader = new PartitionReader(kafka, names, (...fetched) => this.#apply(...fetched), {
      isRead: ({ topic, partition }) => this.#of(topic).some((table) => table.reads(partition)),
      keepsAll: ({ topic }) => compacted.has(topic),
      onAnew: (one) => this.#beginAnew(one),
    });
  }

  async start(signal: AbortSignal): Promise<void> {
    await this.#reader.start(signal);
    await this.#reader.until(() => this.#reader.partitions.every(({ position, end }) => position >= end), signal);
    await this.#awaitPublished(signal);
  }

  position(topic: string, partition: number): bigint {
    const read = this.#find({ topic, partition });
    if (!read) return -1n;
    return this.#anew.has(read) ? read.begin : read.position;
  }

  reached(topic: string, partition: number, offset: bigint, signal: AbortSignal): Promise<void> {
    return this.until(() => (this.#find({ topic, partition })?.position ?? -1n) > offset, signal);
  }

  async caughtUp(topic: string, signal: AbortSignal): Promise<void> {
    for (const [partition, end] of await endOffsets(this.#kafka, topic))
      await this.reached(topic, partition, end - 1n, signal);
  }

  until(condition: () => boolean, signal: AbortSignal): Promise<void> {
    return this.#reader.until(condition, signal);
  }

  isLost(topic: string): boolean {
    return [...this.#anew].some((one) => one.topic === topic);
  }

  close(): Promise<void> {
    this.#closing.abort();
    return this.#reader.close();
  }

  #of(topic: string): readonly TopicTable[] {
    return this.#tables.filter((table) => table.topic.name === topic);
  }

  #find({ topic, partition }: TopicPartition): Readonly<ReadPartition> | undefined {
    return this.#reader.partitions.find((one) => one.topic === topic && one.partition === partition);
  }

  async #apply(topic: string, partition: number, records: readonly ConsumedRecord[]): Promise<void> {
    for (const table of this.#of(topic)) if (table.reads(partition)) await table.applyAll(partition, records);
  }

  #beginAnew({ topic, partition }: TopicPartition): void {
    const read = this.#find({ topic, partition });
    if (!read) return;
    const fields = { topic, partition, begin: String(read.begin) };
    this.#kafka.notify({ level: 'warn', sentence: 'A topic lost its records and is read again.', fields });
    for (const table of this.#of(topic)) table.beginAnew(partition);
    if (this.#anew.has(read)) return;
    this.#anew.add(read);
    const isWhole = (): boolean => read.position >= read.end && (!isPublished(topic) || this.#marks.isFound(read));
    void this.#reader.until(isWhole, this.#closing.signal).then(
      () => this.#replace(read),
      () => undefined,
    );
  }

  #replace(read: Readonly<ReadPartition>): void {
    this.#anew.delete(read);
    for (const table of this.#of(read.topic)) table.replace(read.partition);
  }

  async #awaitPublished(signal: AbortSignal): Promise<void> {
    const limit = AbortSignal.timeout(publishedMsMax);
    const behind = () => this.#reader.partitions.filter((one) => !this.#marks.isReached(one));
    try {
      await this.until(() => behind().length === 0, AbortSignal.any([signal, limit]));
    } catch (error) {
      if (!limit.aborted || signal.aborted) throw error;
      const fields = {
        topics: behind()
          .map(({ topic }) => topic)
          .join(),
      };
      this.#kafka.notify({ level: 'warn', sentence: 'A published configuration was not found.', fields });
    }
  }
}
