/** The truth of the connections: the topic `config.connections.v1`, which only client managers write. */
import { type FollowedConfiguration, entityKey } from '@millrace/config';
import { type ConnectionConfig, MillraceError, type PublishedPosition, topics } from '@millrace/contracts';
import type { AvroCodec, RecordProducer } from '@millrace/kafka';
import type { Clock } from '@millrace/kernel';

export interface StoredConnection {
  readonly key: string;
  readonly config: ConnectionConfig;
  /** Offset of its record. */
  readonly revision: bigint;
}

export interface ConnectionStoreParts {
  readonly followed: FollowedConfiguration;
  readonly producer: Pick<RecordProducer, 'send'>;
  readonly connections: Pick<AvroCodec<ConnectionConfig>, 'encode'>;
  readonly positions: Pick<AvroCodec<PublishedPosition>, 'encode'>;
  readonly clock: Clock;
}

const { name: topic } = topics.configConnections;

export class ConnectionStore {
  readonly #parts: ConnectionStoreParts;

  constructor(parts: ConnectionStoreParts) {
    this.#parts = parts;
  }

  find(tenant: string, connectionId: string): StoredConnection | undefined {
    const key = entityKey(tenant, connectionId);
    const config = this.#parts.followed.configuration.connections.get(key);
    return config && this.#stored(key, config);
  }

  /** Null: of all tenants. In the order of their keys. */
  list(tenant: string | null): readonly StoredConnection[] {
    return [...this.#parts.followed.configuration.connections]
      .filter(([, config]) => tenant === null || config.tenant === tenant)
      .map(([key, config]) => this.#stored(key, config))
      .toSorted((one, other) => (one.key < other.key ? -1 : 1));
  }

  /**
   * Resolves with the offset when the record is durable and this instance has read it. `before`: the revision that it takes the
   * place of; undefined: there was none. Null deletes. Throws `conflict` when another change came in between: then the later of the
   * two stands.
   */
  async write(
    key: string,
    config: ConnectionConfig | null,
    before: bigint | undefined,
    signal: AbortSignal,
  ): Promise<bigint> {
    const { followed, producer, connections } = this.#parts;
    const record = { topic, partition: 0, key, value: config && connections.encode(config) };
    const read = (await producer.send([record], signal)).lastOffset(topic, 0) ?? -1n;
    await followed.reached('connections', read, signal);
    await this.#publish(read, signal);
    const now = followed.revision('connections', key);
    if (config === null) return read;
    if (now?.replaced === before && now) return now.offset;
    throw new MillraceError('conflict', 'Another change was made at the same time; read it again to see which stands.');
  }

  /** Resolves when this instance has read that far. */
  reached(offset: bigint, signal: AbortSignal): Promise<void> {
    return this.#parts.followed.reached('connections', offset, signal);
  }

  /** Writes everything anew when the topic has lost it, but for what deleted tenants had. Gives how many connections that were. */
  async restore(signal: AbortSignal): Promise<number> {
    const { followed, producer, connections } = this.#parts;
    if (!followed.isLost('connections')) return 0;
    const { connections: known } = followed.configuration;
    const all = [...known].filter(([, { tenant }]) => !followed.configuration.isDeleted(tenant));
    const records = all.map(([key, config]) => ({ topic, partition: 0, key, value: connections.encode(config) }));
    const receipt = await producer.send(records, signal);
    await this.#publish(receipt.lastOffset(topic, 0) ?? -1n, signal);
    return records.length;
  }

  /** Up to there the topic belongs together: who starts reads so far before it is ready. */
  async #publish(offset: bigint, signal: AbortSignal): Promise<void> {
    const { producer, positions, clock } = this.#parts;
    const publishedAtMicros = Math.floor(clock.nowMs() * 1000);
    const value = positions.encode({ topic, partition: 0, offset: Number(offset), publishedAtMicros });
    await producer.send([{ topic: topics.configPublished.name, partition: 0, key: `${topic}/0`, value }], signal);
  }

  #stored(key: string, config: ConnectionConfig): StoredConnection {
    return { key, config, revision: this.#parts.followed.revision('connections', key)?.offset ?? -1n };
  }
}
