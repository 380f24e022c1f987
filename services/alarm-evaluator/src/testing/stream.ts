/** A tenant of its own on the shared stack: publishes its configuration and points, follows its alarms. */
import { randomUUID } from 'node:crypto';
import { type Entities, entityKinds, type EntityName } from '@millrace/config';
import { type AlarmEvent, type DataRowList, deviceKey, topics } from '@millrace/contracts';
import {
  BatchConsumer,
  committedOffset,
  connectRegistry,
  createKafka,
  endOffsets,
  type Kafka,
  partitionOf,
  RecordProducer,
  type Registry,
} from '@millrace/kafka';

export interface StoredEvent {
  readonly event: AlarmEvent;
  readonly key: string;
  readonly partition: number;
  readonly headers: Readonly<Record<string, string>>;
}

export class TestStream {
  readonly tenant = `t_${randomUUID().slice(0, 8)}`;
  readonly groupId = `test.evaluator.${randomUUID()}`;
  readonly kafka: Kafka;
  readonly registry: Registry;
  readonly events: StoredEvent[] = [];
  readonly #producer: RecordProducer;
  #consumer: BatchConsumer | undefined;

  constructor(addresses: { readonly kafka: string; readonly registry: string }) {
    this.kafka = createKafka({ brokers: [addresses.kafka], clientId: 'test' });
    this.registry = connectRegistry({ url: addresses.registry });
    this.#producer = new RecordProducer(this.kafka);
  }

  /** The partition of a device in every topic of devices. */
  partitionOf(deviceUid: string): number {
    return partitionOf(deviceKey(this.tenant, deviceUid), topics.points.partitions);
  }

  /** Lets the group begin at the end: what others wrote before is not this test's business. */
  async begin(): Promise<void> {
    const admin = this.kafka.newClient().admin();
    const ends = await endOffsets(this.kafka, topics.points.name);
    const partitions = [...ends].map(([partition, offset]) => ({ partition, offset: String(offset) }));
    await admin.setOffsets({ groupId: this.groupId, topic: topics.points.name, partitions });
    await admin.disconnect();
    await this.#follow();
  }

  async publish<E extends EntityName>(entity: E, value: Entities[E]): Promise<void> {
    const { topic, keyOf } = entityKinds[entity];
    const codec = await this.registry.codec<Entities[E]>(topic);
    await this.#producer.send([{ topic: topic.name, partition: 0, key: keyOf(value), value: codec.encode(value) }]);
  }

  async send(deviceUid: string, ...points: readonly (readonly [timeMicros: number, value: number])[]): Promise<void> {
    const codec = await this.registry.codec<DataRowList>(topics.points);
    const key = deviceKey(this.tenant, deviceUid);
    const values = points.map(([timeMicros, value]) => codec.encode(this.#point(deviceUid, timeMicros, value)));
    const place = { topic: topics.points.name, partition: this.partitionOf(deviceUid), key };
    await this.#producer.send(values.map((value) => ({ ...place, value })));
  }

  committed(deviceUid: string): Promise<bigint> {
    return committedOffset(this.kafka, this.groupId, topics.points.name, this.partitionOf(deviceUid));
  }

  async end(deviceUid: string): Promise<bigint> {
    return (await endOffsets(this.kafka, topics.points.name)).get(this.partitionOf(deviceUid)) ?? 0n;
  }

  async close(): Promise<void> {
    await this.#consumer?.stop();
    await this.#producer.close();
  }

  async #follow(): Promise<void> {
    const codec = await this.registry.codec<AlarmEvent>(topics.alarmEvents);
    this.#consumer = new BatchConsumer(this.kafka, {
      groupId: `${this.groupId}.events`,
      topics: [topics.alarmEvents.name],
      readCommitted: true,
      waitMsMax: 50,
      onCrash: () => undefined,
      handle: async (batch) => {
        await this.registry.prepare(batch.records);
        for (const { key, value, headers = {} } of batch.records) {
          if (!String(key).startsWith(`${this.tenant}/`) || value === null) continue;
          const texts = Object.entries(headers).map(([name, text]) => [name, String(text)]);
          this.events.push({
            event: codec.decode(value),
            key: String(key),
            partition: batch.partition,
            headers: Object.fromEntries(texts) as Record<string, string>,
          });
        }
      },
    });
    await this.#consumer.start();
  }

  #point(deviceUid: string, timeMicros: number, value: number): DataRowList {
    return {
      messageId: Buffer.alloc(16, 7),
      part: 0,
      tenant: this.tenant,
      deviceUid,
      identificationCode: null,
      timeMicros,
      timeFromSender: true,
      receivedAtMicros: Date.now() * 1_000,
      sequence: 0,
      rows: [{ name: 'temperature', value, quality: 0, timeOffsetMicros: 0, ordinal: 0 }],
      rawPayload: null,
      rawPartition: -1,
      rawOffset: -1,
      rawIndex: 0,
      scriptVersion: '',
      warnings: [],
    };
  }
}
