/** A tenant of its own on the shared stack, with a table of its own: publishes it, sends points and alarm events. */
import { randomBytes } from 'node:crypto';
import {
  type AlarmEvent,
  type DataRowList,
  deviceKey,
  type TenantConfig,
  topics,
  type Topic,
} from '@millrace/contracts';
import {
  BatchConsumer,
  committedOffset,
  connectRegistry,
  createKafka,
  endOffsets,
  partitionOf,
  RecordProducer,
} from '@millrace/kafka';
import { dataRowList } from './test-batch.ts';

/** A record that was put aside. */
export interface PutAside {
  readonly value: Buffer | null;
  readonly code: string;
}

export class TestStream {
  readonly tenant = `t_${randomBytes(5).toString('hex')}`;
  readonly table = `points_t_${this.tenant}`;
  readonly groupId = `test.historian.${randomBytes(8).toString('hex')}`;
  readonly putAside: PutAside[] = [];
  readonly kafka;
  readonly #registry;
  readonly #producer: RecordProducer;
  #letters: BatchConsumer | undefined;

  constructor(addresses: { readonly kafka: string; readonly registry: string }) {
    this.kafka = createKafka({ brokers: [addresses.kafka], clientId: 'test' });
    this.#registry = connectRegistry({ url: addresses.registry });
    this.#producer = new RecordProducer(this.kafka);
  }

  /** Publishes the tenant; lets the groups begin at the end: what others wrote is not this test's business. */
  async begin(): Promise<void> {
    await this.#publish({ tenant: this.tenant, name: 'Test', retentionClass: 'forever', ownTable: true });
    await Promise.all([
      this.#beginAtEnd(this.groupId, topics.points),
      this.#beginAtEnd(`${this.groupId}.alarm-events`, topics.alarmEvents),
      this.#followLetters(),
    ]);
  }

  /** Lists of this tenant; `garbage`: bytes that are no list. */
  async send(deviceUid: string, ...lists: readonly (Partial<DataRowList> | 'garbage')[]): Promise<void> {
    const codec = await this.#registry.codec<DataRowList>(topics.points);
    const values = lists.map((list) =>
      list === 'garbage' ? Buffer.from(list) : codec.encode(dataRowList({ tenant: this.tenant, deviceUid, ...list })),
    );
    await this.#send(topics.points, deviceUid, values);
  }

  async sendAlarmEvents(events: readonly AlarmEvent[]): Promise<void> {
    const codec = await this.#registry.codec<AlarmEvent>(topics.alarmEvents);
    for (const event of events) await this.#send(topics.alarmEvents, event.deviceUid, [codec.encode(event)]);
  }

  /** Points of the device's partition that are not committed. */
  async uncommitted(deviceUid: string): Promise<bigint> {
    const partition = this.#partitionOf(deviceUid);
    const end = (await endOffsets(this.kafka, topics.points.name)).get(partition) ?? 0n;
    return end - (await committedOffset(this.kafka, this.groupId, topics.points.name, partition));
  }

  async close(): Promise<void> {
    await this.#publish(null);
    await this.#letters?.stop();
    await this.#producer.close();
  }

  #partitionOf(deviceUid: string): number {
    return partitionOf(deviceKey(this.tenant, deviceUid), topics.points.partitions);
  }

  async #send({ name }: Topic, deviceUid: string, values: readonly Buffer[]): Promise<void> {
    const place = { topic: name, partition: this.#partitionOf(deviceUid), key: deviceKey(this.tenant, deviceUid) };
    await this.#producer.send(values.map((value) => ({ ...place, value })));
  }

  async #publish(tenant: TenantConfig | null): Promise<void> {
    const codec = await this.#registry.codec<TenantConfig>(topics.configTenants);
    const value = tenant === null ? null : codec.encode(tenant);
    await this.#producer.send([{ topic: topics.configTenants.name, partition: 0, key: this.tenant, value }]);
  }

  /** Takes five seconds, which kafkajs waits for. */
  async #beginAtEnd(groupId: string, { name: topic }: Topic): Promise<void> {
    const admin = this.kafka.newClient().admin();
    const ends = await endOffsets(this.kafka, topic);
    const partitions = [...ends].map(([partition, offset]) => ({ partition, offset: String(offset) }));
    await admin.setOffsets({ groupId, topic, partitions });
    await admin.disconnect();
  }

  async #followLetters(): Promise<void> {
    const groupId = `${this.groupId}.letters`;
    await this.#beginAtEnd(groupId, topics.pointsDeadLetters);
    this.#letters = new BatchConsumer(this.kafka, {
      groupId,
      topics: [topics.pointsDeadLetters.name],
      waitMsMax: 50,
      onCrash: () => undefined,
      handle: ({ records }) => {
        for (const { key, value, headers } of records)
          if (String(key).startsWith(`${this.tenant}/`))
            this.putAside.push({ value, code: String(headers?.['errors.code']) });
        return Promise.resolve();
      },
    });
    await this.#letters.start();
  }
}
