/** The records of a compacted topic as rows: decoded, applied in their order, and replaced as a whole when the topic began anew. */
import { asMillraceError, type Topic } from '@millrace/contracts';
import type { AvroCodec } from './avro-codec.ts';
import { reasonOf } from './kafka-errors.ts';
import type { Kafka } from './kafka.ts';
import type { ConsumedRecord } from './record-batch.ts';
import type { Registry } from './registry.ts';

export interface Table<T> {
  readonly topic: Topic;
  /** Only these are read; default: all. */
  readonly partitions?: readonly number[];
  /**
   * Called in the order of the topic, again for a key that changed; null: it was deleted. `offset`: of the record; -1 for a key
   * that is gone because the topic began anew. Must not wait or throw.
   */
  apply(key: string, value: T | null, offset: bigint): void;
}

/** What is asked of the registry here. */
export type Codecs = Pick<Registry, 'codec' | 'prepare'>;

interface Rows {
  readonly keys: Set<string>;
  /** The last record of each key since the partition began anew; undefined: it did not. */
  again: Map<string, ConsumedRecord> | undefined;
}

export class TopicTable {
  readonly #kafka: Kafka;
  readonly #registry: Codecs;
  readonly #table: Table<unknown>;
  readonly #codec: AvroCodec<unknown>;
  /** By partition. Of topics that are not compacted nothing is kept: what is read there is no set of rows. */
  readonly #rows = new Map<number, Rows>();

  constructor(kafka: Kafka, registry: Codecs, table: Table<unknown>, codec: AvroCodec<unknown>) {
    this.#kafka = kafka;
    this.#registry = registry;
    this.#table = table;
    this.#codec = codec;
  }

  get topic(): Topic {
    return this.#table.topic;
  }

  reads(partition: number): boolean {
    return this.#table.partitions?.includes(partition) ?? true;
  }

  async applyAll(partition: number, records: readonly ConsumedRecord[]): Promise<void> {
    await this.#registry.prepare(records);
    const again = this.#rows.get(partition)?.again;
    for (const record of records) {
      if (again) putLast(again, record);
      else this.#apply(partition, record);
    }
  }

  /** What comes now is put aside, and the rows stay as they are, until `replace`. */
  beginAnew(partition: number): void {
    if (this.topic.retention === 'compacted') this.#rowsOf(partition).again = new Map();
  }

  /** What was put aside takes the place of all rows. */
  replace(partition: number): void {
    const rows = this.#rowsOf(partition);
    const { again } = rows;
    if (!again) return;
    rows.again = undefined;
    const gone = [...rows.keys].filter((key) => !again.has(key));
    for (const record of again.values()) this.#apply(partition, record);
    for (const key of gone) {
      rows.keys.delete(key);
      this.#table.apply(key, null, -1n);
    }
  }

  #apply(partition: number, { key, value, offset }: ConsumedRecord): void {
    try {
      const name = String(key);
      this.#table.apply(name, value === null ? null : this.#codec.decode(value), BigInt(offset));
      if (this.topic.retention !== 'compacted') return;
      if (value === null) this.#rowsOf(partition).keys.delete(name);
      else this.#rowsOf(partition).keys.add(name);
    } catch (error) {
      const fields = { topic: this.topic.name, partition, offset, code: asMillraceError(error).code };
      const sentence = 'A record of a table was left out.';
      this.#kafka.notify({ level: 'error', sentence, fields: { ...fields, reason: reasonOf(error) } });
    }
  }

  #rowsOf(partition: number): Rows {
    const rows = this.#rows.get(partition) ?? { keys: new Set(), again: undefined };
    this.#rows.set(partition, rows);
    return rows;
  }
}

/** The order of the map is that of the last records. */
function putLast(records: Map<string, ConsumedRecord>, record: ConsumedRecord): void {
  const key = String(record.key);
  records.delete(key);
  records.set(key, record);
}
