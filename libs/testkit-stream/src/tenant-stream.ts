/** A tenant of its own on the shared stack: what the integration tests of the stream's services have in common. */
import { randomUUID } from 'node:crypto';
import { deviceKey, type TenantConfig, type Topic, topics } from '@millrace/contracts';
import { BatchConsumer, connectRegistry, createKafka, endOffsets, partitionOf, RecordProducer } from '@millrace/kafka';
import { testAddresses } from '@millrace/testkit';

export interface FollowedRecord {
  readonly key: string;
  readonly value: Buffer;
  readonly partition: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** One of `entityKinds` of @millrace/config. */
export interface PublishedKind<T> {
  readonly topic: Topic;
  readonly keyOf: (value: T) => string;
}

/** A consumer that stops waits for its fetch to end. */
const fetchMsMax = 50;

export class TenantStream {
  readonly tenant = `t_${randomUUID().slice(0, 8)}`;
  /** Consumer group of the service under test. */
  readonly groupId: string;
  readonly kafka = createKafka({ brokers: [testAddresses.kafka], clientId: 'test' });
  readonly registry = connectRegistry({ url: testAddresses.registry });
  readonly #producer = new RecordProducer(this.kafka);
  readonly #followers: BatchConsumer[] = [];

  constructor(service: string) {
    this.groupId = `test.${service}.${randomUUID()}`;
  }

  /** The partition of a device in every topic of devices. */
  partitionOf(deviceUid: string): number {
    return partitionOf(deviceKey(this.tenant, deviceUid), topics.points.partitions);
  }

  /** Whether the record with this key is about the tenant, and not of another test. */
  owns(key: string): boolean {
    return key.startsWith(`${this.tenant}/`);
  }

  /** Its entry of the configuration. Without one the tenant counts as active, and nothing limits it. */
  entry(state: 'active' | 'suspended' | 'deleted', pointsPerSecond: number | null = null): TenantConfig {
    const none = { devices: null, messagesPerSecond: null, scriptCpuMsPerSecond: null, storageDays: null };
    const quotas = { ...none, pointsPerSecond };
    return { tenant: this.tenant, name: '', retentionClass: '30d', ownTable: false, state, quotas };
  }

  async publish<T>({ topic, keyOf }: PublishedKind<T>, value: T): Promise<void> {
    const codec = await this.registry.codec<T>(topic);
    await this.write(topic, 0, keyOf(value), [codec.encode(value)]);
  }

  async write({ name: topic }: Topic, partition: number, key: string | null, values: readonly (Buffer | null)[]) {
    await this.#producer.send(values.map((value) => ({ topic, partition, key, value })));
  }

  /**
   * Lets a group begin at the end: what others wrote before is not this test's business. By a member of its own, because the
   * admin's `setOffsets` waits for a fetch of five seconds.
   */
  async beginAtEnd({ name: topic }: Topic, groupId = this.groupId): Promise<void> {
    const ends = await endOffsets(this.kafka, topic);
    const member = this.kafka.newClient().consumer({ groupId, maxWaitTimeInMs: fetchMsMax });
    const joined = new Promise((resolve) => member.on(member.events.GROUP_JOIN, resolve));
    await member.subscribe({ topics: [topic] });
    await member.run({ autoCommit: false, eachBatch: () => Promise.resolve() });
    member.pause([{ topic }]);
    await joined;
    await member.commitOffsets([...ends].map(([partition, offset]) => ({ topic, partition, offset: String(offset) })));
    await member.disconnect();
  }

  /** Takes every committed record with a value from now on, of all tenants; their schemas are loaded. */
  async follow(topic: Topic, take: (record: FollowedRecord) => void): Promise<void> {
    const groupId = `${this.groupId}.follow.${topic.name}`;
    await this.beginAtEnd(topic, groupId);
    const follower = new BatchConsumer(this.kafka, {
      groupId,
      topics: [topic.name],
      readCommitted: true,
      waitMsMax: 50,
      onCrash: () => undefined,
      handle: async (batch) => {
        await this.registry.prepare(batch.records);
        for (const { key, value, headers = {} } of batch.records) {
          if (value === null) continue;
          const texts = Object.entries(headers).map(([name, text]) => [name, String(text)] as const);
          take({ key: String(key), value, partition: batch.partition, headers: Object.fromEntries(texts) });
        }
        batch.settle(batch.records.length);
      },
    });
    this.#followers.push(follower);
    await follower.start();
  }

  async close(): Promise<void> {
    await Promise.all(this.#followers.map((follower) => follower.stop()));
    await this.#producer.close();
  }
}
