/** A tenant of its own on the shared stack: publishes its configuration and events, follows ledger and dead letters. */
import { randomBytes, randomUUID } from 'node:crypto';
import { type Entities, entityKinds, type EntityName } from '@millrace/config';
import { type AlarmEvent, deviceKey, type NotificationAttempt, topics } from '@millrace/contracts';
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
import { eventOf } from './events.ts';

export interface Letter {
  readonly key: string;
  readonly code: string;
}

export class TestStream {
  readonly tenant = `t_${randomUUID().slice(0, 8)}`;
  readonly groupId = `test.notifier.${randomUUID()}`;
  readonly kafka: Kafka;
  readonly registry: Registry;
  readonly attempts: NotificationAttempt[] = [];
  readonly letters: Letter[] = [];
  readonly #producer: RecordProducer;
  #followers: readonly BatchConsumer[] = [];

  constructor(addresses: { readonly kafka: string; readonly registry: string }) {
    this.kafka = createKafka({ brokers: [addresses.kafka], clientId: 'test' });
    this.registry = connectRegistry({ url: addresses.registry });
    this.#producer = new RecordProducer(this.kafka);
  }

  /** Lets the group begin at the end: what others wrote before is not this test's business. */
  async begin(): Promise<void> {
    const admin = this.kafka.newClient().admin();
    const ends = await endOffsets(this.kafka, topics.alarmEvents.name);
    const partitions = [...ends].map(([partition, offset]) => ({ partition, offset: String(offset) }));
    await admin.setOffsets({ groupId: this.groupId, topic: topics.alarmEvents.name, partitions });
    await admin.disconnect();
  }

  /** Follows what comes of this tenant's events. */
  async follow(): Promise<void> {
    const codec = await this.registry.codec<NotificationAttempt>(topics.notificationAttempts);
    const ledger = this.#follower(topics.notificationAttempts.name, (_key, value) => {
      const attempt = codec.decode(value);
      if (attempt.tenant === this.tenant) this.attempts.push(attempt);
    });
    const letters = this.#follower(topics.alarmEventsDeadLetters.name, (key, _value, code) => {
      if (key.startsWith(`${this.tenant}/`)) this.letters.push({ key, code });
    });
    this.#followers = [ledger, letters];
    await Promise.all(this.#followers.map((follower) => follower.start()));
  }

  outcomesOf({ eventId }: Pick<AlarmEvent, 'eventId'>): string[] {
    const attempts = this.attempts.filter((attempt) => attempt.eventId.equals(eventId));
    return attempts.map(({ recipient, attempt, outcome }) => `${recipient.split('@')[0]} ${attempt} ${outcome}`);
  }

  async publish<E extends EntityName>(entity: E, value: Entities[E]): Promise<void> {
    const { topic, keyOf } = entityKinds[entity];
    const codec = await this.registry.codec<Entities[E]>(topic);
    await this.#producer.send([{ topic: topic.name, partition: 0, key: keyOf(value), value: codec.encode(value) }]);
  }

  /** An event of this tenant that was received just now. */
  event(ruleId: string): AlarmEvent {
    const receivedAtMicros = Date.now() * 1_000;
    return eventOf({ eventId: randomBytes(16), tenant: this.tenant, ruleId, receivedAtMicros });
  }

  async send(...events: readonly AlarmEvent[]): Promise<void> {
    const codec = await this.registry.codec<AlarmEvent>(topics.alarmEvents);
    const records = events.map((event) => {
      const key = deviceKey(event.tenant, event.deviceUid);
      const { name: topic, partitions } = topics.alarmEvents;
      return { topic, partition: partitionOf(key, partitions), key, value: codec.encode(event) };
    });
    await this.#producer.send(records);
  }

  async writeAttempt(attempt: NotificationAttempt): Promise<void> {
    const codec = await this.registry.codec<NotificationAttempt>(topics.notificationAttempts);
    const key = attempt.eventId.toString('hex');
    const { name: topic, partitions } = topics.notificationAttempts;
    await this.#producer.send([{ topic, partition: partitionOf(key, partitions), key, value: codec.encode(attempt) }]);
  }

  async close(): Promise<void> {
    await Promise.all(this.#followers.map((follower) => follower.stop()));
    await this.#producer.close();
  }

  #follower(topic: string, onRecord: (key: string, value: Buffer, code: string) => void): BatchConsumer {
    return new BatchConsumer(this.kafka, {
      groupId: `${this.groupId}.${topic}`,
      topics: [topic],
      waitMsMax: 50,
      onCrash: () => undefined,
      handle: async ({ records }) => {
        for (const { key, value, headers } of records)
          if (value) onRecord(String(key), value, String(headers?.['errors.code']));
      },
    });
  }
}
