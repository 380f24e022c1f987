/** Compacted topics as tables: read to the end once, then followed. */
import { asMillraceError, type PublishedPosition, type Topic, topics } from '@millrace/contracts';
import type { AvroCodec } from './avro-codec.ts';
import { reasonOf } from './kafka-errors.ts';
import type { Kafka } from './kafka.ts';
import { PartitionReader, type ReadPartition, type TopicPartition } from './partition-reader.ts';
import type { ConsumedRecord } from './record-batch.ts';
import type { Registry } from './registry.ts';

export interface Table<T> {
  readonly topic: Topic;
  /** Only these are read; default: all. */
  readonly partitions?: readonly number[];
  /** Called in the order of the topic, again for a key that changed; null: it was deleted. Must not wait or throw. */
  apply(key: string, value: T | null): void;
}

export interface TableReader {
  /** The next offset that will be read of a partition: everything before it was applied. */
  position(topic: string, partition: number): bigint;
  /** Resolves when the offset was applied. */
  reached(topic: string, partition: number, offset: bigint, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** What is asked of the registry here. */
export type Codecs = Pick<Registry, 'codec' | 'prepare'>;

/** Who published a configuration waits for this long at most; one that Kafka lost would else keep everybody from starting. */
const publishedMsMax = 10_000;

/**
 * Resolves when the tables are read up to where they ended at the call and up to the positions that `config.published.v1`
 * names for them, and goes on applying changes until `close`. Waits for Kafka and the registry until `signal`. A record
 * that cannot be decoded or applied is left out and told as a notice: one wrong record must not stop a service.
 */
export async function readTables(
  kafka: Kafka,
  registry: Codecs,
  // Each table has a type of its own; its codec gives exactly that.
  tables: readonly Table<never>[],
  signal: AbortSignal,
): Promise<TableReader> {
  const published = new PublishedPositions();
  const names = tables.map(({ topic }) => topic.name);
  const all = [...tables, ...(names.some(isConfiguration) ? [published] : [])] as readonly Table<unknown>[];
  const readers = new Map<string, TopicTable>();
  for (const table of all)
    readers.set(table.topic.name, new TopicTable(kafka, registry, table, await registry.codec(table.topic, signal)));
  const onRecords = async (topic: string, partition: number, records: readonly ConsumedRecord[]): Promise<void> => {
    await readers.get(topic)?.applyAll(partition, records);
  };
  const isRead = ({ topic, partition }: TopicPartition): boolean =>
    all.find((table) => table.topic.name === topic)?.partitions?.includes(partition) ?? true;
  const reader = new PartitionReader(kafka, [...readers.keys()], onRecords, isRead);
  const tableReader = new OpenTableReader(reader);
  try {
    await reader.start(signal);
    await reader.until(() => reader.partitions.every(({ position, end }) => position >= end), signal);
    await awaitPublished(kafka, reader, published, signal);
  } catch (error) {
    await reader.close();
    throw error;
  }
  return tableReader;
}

/** The records of one topic, decoded and applied. */
class TopicTable {
  readonly #kafka: Kafka;
  readonly #registry: Codecs;
  readonly #table: Table<unknown>;
  readonly #codec: AvroCodec<unknown>;

  constructor(kafka: Kafka, registry: Codecs, table: Table<unknown>, codec: AvroCodec<unknown>) {
    this.#kafka = kafka;
    this.#registry = registry;
    this.#table = table;
    this.#codec = codec;
  }

  async applyAll(partition: number, records: readonly ConsumedRecord[]): Promise<void> {
    await this.#registry.prepare(records);
    for (const record of records) this.#apply(partition, record);
  }

  #apply(partition: number, { key, value, offset }: ConsumedRecord): void {
    try {
      this.#table.apply(String(key), value === null ? null : this.#codec.decode(value));
    } catch (error) {
      const { name: topic } = this.#table.topic;
      const fields = { topic, partition, offset, code: asMillraceError(error).code, reason: reasonOf(error) };
      this.#kafka.notify({ level: 'error', sentence: 'A record of a table was left out.', fields });
    }
  }
}

class OpenTableReader implements TableReader {
  readonly #reader: PartitionReader;

  constructor(reader: PartitionReader) {
    this.#reader = reader;
  }

  position(topic: string, partition: number): bigint {
    const isIt = (one: Readonly<ReadPartition>): boolean => one.topic === topic && one.partition === partition;
    return this.#reader.partitions.find(isIt)?.position ?? -1n;
  }

  reached(topic: string, partition: number, offset: bigint, signal: AbortSignal): Promise<void> {
    return this.#reader.until(() => this.position(topic, partition) > offset, signal);
  }

  close(): Promise<void> {
    return this.#reader.close();
  }
}

/** What `config.published.v1` says: up to which offset of each partition a configuration belongs together. */
class PublishedPositions implements Table<PublishedPosition> {
  readonly topic = topics.configPublished;
  readonly #offsets = new Map<string, bigint>();

  apply(key: string, value: PublishedPosition | null): void {
    if (value) this.#offsets.set(key, BigInt(value.offset));
    else this.#offsets.delete(key);
  }

  isReached({ topic, partition, position }: Readonly<ReadPartition>): boolean {
    return position > (this.#offsets.get(`${topic}/${partition}`) ?? -1n);
  }
}

async function awaitPublished(
  kafka: Kafka,
  reader: PartitionReader,
  published: PublishedPositions,
  signal: AbortSignal,
): Promise<void> {
  const limit = AbortSignal.timeout(publishedMsMax);
  try {
    await reader.until(
      () => reader.partitions.every((one) => published.isReached(one)),
      AbortSignal.any([signal, limit]),
    );
  } catch (error) {
    if (!limit.aborted || signal.aborted) throw error;
    const behind = reader.partitions.filter((one) => !published.isReached(one)).map(({ topic }) => topic);
    kafka.notify({
      level: 'warn',
      sentence: 'A published configuration was not found.',
      fields: { topics: behind.join() },
    });
  }
}

function isConfiguration(topic: string): boolean {
  return topic.startsWith('config.');
}
