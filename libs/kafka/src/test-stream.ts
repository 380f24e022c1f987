/** A stream of its own for each test file: topics with random names, removed at the end. */
import { randomUUID } from 'node:crypto';
import type { Topic } from '@millrace/contracts';
import { testAddresses } from '@millrace/testkit';
import { ensureTopics } from './ensure-topics.ts';
import { createKafka, type Kafka } from './kafka.ts';
import type { OutgoingRecord } from './outgoing-record.ts';

export function newKafka(): Kafka {
  return createKafka({ brokers: [testAddresses.kafka], clientId: 'millrace-test' });
}

export function newName(): string {
  return `test.${randomUUID().slice(0, 8)}.v1`;
}

export class TestStream {
  readonly kafka = newKafka();
  readonly admin = this.kafka.newClient().admin();
  readonly #topics = new Set<string>();

  async newTopic(partitions = 1, retention: Topic['retention'] = 1, name = newName()): Promise<string> {
    const topic: Topic = {
      name,
      key: 'entity id',
      partitions,
      retention,
      owner: 'api',
      audience: 'internal',
      schema: false,
    };
    await ensureTopics(this.kafka, [topic], { mayCreate: true });
    this.#topics.add(name);
    return name;
  }

  /** The group's committed offset of each partition; -1: none. */
  async committed(groupId: string, topic: string): Promise<readonly number[]> {
    const [found] = await this.admin.fetchOffsets({ groupId, topics: [topic] });
    return (found?.partitions ?? []).toSorted((a, b) => a.partition - b.partition).map(({ offset }) => Number(offset));
  }

  async close(): Promise<void> {
    if (this.#topics.size > 0) await this.admin.deleteTopics({ topics: [...this.#topics] });
    await this.admin.disconnect();
  }
}

/** Records that count from `from` to below `to` in a partition. */
export function numbered(topic: string, partition: number, from: number, to: number): readonly OutgoingRecord[] {
  return Array.from({ length: to - from }, (_, index) => ({
    topic,
    partition,
    key: null,
    value: Buffer.from(String(from + index)),
  }));
}

/** The numbers in records made by `numbered`. */
export function numbersOf(records: readonly { readonly value: Buffer | null }[]): readonly number[] {
  return records.map(({ value }) => Number(value));
}
