/** A tenant of its own on the shared stack: publishes its configuration and raw messages, follows its points and dead letters. */
import { randomBytes, randomUUID } from 'node:crypto';
import { type Entities, entityKinds, type EntityName } from '@millrace/config';
import { type DataRowList, deviceKey, type RawBatch, type RawMessage, topics } from '@millrace/contracts';
import {
  BatchConsumer,
  connectRegistry,
  createKafka,
  endOffsets,
  type Kafka,
  partitionOf,
  RecordProducer,
  type Registry,
} from '@millrace/kafka';
import { rawBatch, rawMessage } from './raw-messages.ts';

export interface StoredPoints {
  readonly list: DataRowList;
  readonly key: string;
  readonly partition: number;
}

export interface StoredLetter {
  readonly raw: RawBatch;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
}

export class TestStream {
  readonly tenant = `t_${randomUUID().slice(0, 8)}`;
  readonly groupId = `test.parser.${randomUUID()}`;
  readonly kafka: Kafka;
  readonly registry: Registry;
  readonly points: StoredPoints[] = [];
  readonly letters: StoredLetter[] = [];
  readonly #producer: RecordProducer;
  readonly #consumers: BatchConsumer[] = [];

  constructor(addresses: { readonly kafka: string; readonly registry: string }) {
    this.kafka = createKafka({ brokers: [addresses.kafka], clientId: 'test' });
    this.registry = connectRegistry({ url: addresses.registry });
    this.#producer = new RecordProducer(this.kafka);
  }

  partitionOf(deviceUid: string): number {
    return partitionOf(deviceKey(this.tenant, deviceUid), topics.raw.partitions);
  }

  /** Lets the parser's group and the readers begin at the end: what others wrote before is not this test's business. */
  async begin(): Promise<void> {
    await this.#beginAtEnd(this.groupId, topics.raw.name);
    const points = await this.registry.codec<DataRowList>(topics.points);
    await this.#follow(topics.points.name, (key, value, partition) => {
      this.points.push({ list: points.decode(value), key, partition });
    });
    const raw = await this.registry.codec<RawBatch>(topics.raw);
    await this.#follow(topics.rawDeadLetters.name, (key, value, _partition, headers) => {
      this.letters.push({ raw: raw.decode(value), key, headers });
    });
  }

  async publish<E extends EntityName>(entity: E, value: Entities[E]): Promise<void> {
    const { topic, keyOf } = entityKinds[entity];
    const codec = await this.registry.codec<Entities[E]>(topic);
    await this.#producer.send([{ topic: topic.name, partition: 0, key: keyOf(value), value: codec.encode(value) }]);
  }

  /** One raw record with a message for each payload. */
  async send(deviceUid: string, payloads: readonly Buffer[], given: Partial<RawMessage> = {}): Promise<void> {
    const codec = await this.registry.codec<RawBatch>(topics.raw);
    const messages = payloads.map((payload) =>
      rawMessage({ messageId: randomBytes(16), tenant: this.tenant, deviceUid, payload, ...given }),
    );
    const value = codec.encode(rawBatch(messages));
    await this.#producer.send([{ topic: topics.raw.name, partition: this.partitionOf(deviceUid), key: null, value }]);
  }

  /** Values of a signal that were stored for a device, in order. */
  valuesOf(deviceUid: string, signal: string): readonly unknown[] {
    const ofDevice = this.points.filter(({ list }) => list.deviceUid === deviceUid);
    return ofDevice.flatMap(({ list }) => list.rows.filter(({ name }) => name === signal).map(({ value }) => value));
  }

  async close(): Promise<void> {
    await Promise.all(this.#consumers.map((consumer) => consumer.stop()));
    await this.#producer.close();
  }

  async #beginAtEnd(groupId: string, topic: string): Promise<void> {
    const admin = this.kafka.newClient().admin();
    const ends = await endOffsets(this.kafka, topic);
    const partitions = [...ends].map(([partition, offset]) => ({ partition, offset: String(offset) }));
    await admin.setOffsets({ groupId, topic, partitions });
    await admin.disconnect();
  }

  async #follow(
    topic: string,
    take: (key: string, value: Buffer, partition: number, headers: Record<string, string>) => void,
  ): Promise<void> {
    const groupId = `${this.groupId}.${topic}`;
    await this.#beginAtEnd(groupId, topic);
    const consumer = new BatchConsumer(this.kafka, {
      groupId,
      topics: [topic],
      waitMsMax: 50,
      onCrash: () => undefined,
      handle: async (batch) => {
        await this.registry.prepare(batch.records);
        for (const { key, value, headers = {} } of batch.records) {
          if (!String(key).startsWith(`${this.tenant}/`) || value === null) continue;
          const texts = Object.entries(headers).map(([name, text]) => [name, String(text)] as const);
          take(String(key), value, batch.partition, Object.fromEntries(texts));
        }
        batch.settle(batch.records.length);
      },
    });
    this.#consumers.push(consumer);
    await consumer.start();
  }
}
