/** How far a group is in a topic, for whoever asks again and again: over one connection, which is opened by the first question. */
import type { Admin } from 'kafkajs';
import { reasonOf, streamUnavailable } from './kafka-errors.ts';
import type { Kafka } from './kafka.ts';

/** By partition. */
export type Offsets = ReadonlyMap<number, bigint>;

export class GroupProgress {
  readonly #kafka: Kafka;
  readonly #groupId: string;
  readonly #topic: string;
  #admin: Promise<Admin> | undefined;

  constructor(kafka: Kafka, groupId: string, topic: string) {
    this.#kafka = kafka;
    this.#groupId = groupId;
    this.#topic = topic;
  }

  /** The next offset that the group will read; none where it has committed none. Throws `stream_unavailable`. */
  async committed(): Promise<Offsets> {
    const [found] = await this.#ask((admin) => admin.fetchOffsets({ groupId: this.#groupId, topics: [this.#topic] }));
    const committed = (found?.partitions ?? []).map(({ partition, offset }) => [partition, BigInt(offset)] as const);
    return new Map(committed.filter(([, offset]) => offset >= 0n));
  }

  /** One past the last offset there is. Throws `stream_unavailable`. */
  async ends(): Promise<Offsets> {
    const offsets = await this.#ask((admin) => admin.fetchTopicOffsets(this.#topic));
    return new Map(offsets.map(({ partition, high }) => [partition, BigInt(high)]));
  }

  async close(): Promise<void> {
    const admin = await this.#admin?.catch(() => undefined);
    this.#admin = undefined;
    await admin?.disconnect().catch(() => undefined);
  }

  /** After a failure the next question opens another connection. */
  async #ask<T>(question: (admin: Admin) => Promise<T>): Promise<T> {
    try {
      return await question(await (this.#admin ??= this.#connect()));
    } catch (error) {
      await this.close();
      throw streamUnavailable(`Kafka was not asked how far ${this.#groupId} is: ${reasonOf(error)}`, error);
    }
  }

  async #connect(): Promise<Admin> {
    const admin = this.#kafka.newClient().admin();
    await admin.connect();
    return admin;
  }
}
