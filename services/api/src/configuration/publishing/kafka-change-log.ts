/**
 * The configuration topics as the log that the outbox is published to. Changes and how far they go are written in one Kafka
 * transaction: whoever opens the log next fences the writer before, and reads there what it committed.
 */
import { type Entities, entityKey, entityKinds, followConfiguration, idOf, type WrittenEntity } from '@millrace/config';
import { MillraceError, type PublishedPosition, topics } from '@millrace/contracts';
import type { ChangeLog, LogPosition, OutboxChange, ResourceName } from '@millrace/control';
import {
  endOffsets,
  type Kafka,
  type OutgoingRecord,
  readToEnd,
  type Registry,
  TransactionalProducer,
} from '@millrace/kafka';
import type { Clock } from '@millrace/kernel';
import { definitionNamed, resourceDefinitions } from '../resources/resource-definitions.ts';
import { entityIn } from '../resources/stored-body.ts';

export interface KafkaChangeLogParts {
  readonly kafka: Kafka;
  readonly registry: Registry;
  readonly clock: Clock;
  /** Tenants that this installation speaks for: of others nothing is removed. */
  readonly ownsTenant: (tenant: string) => boolean;
  /** A change was left out. */
  readonly unpublishable: (fields: UnpublishableChange) => void;
}

export interface UnpublishableChange {
  readonly tenant: string;
  readonly kind: string;
  readonly id: string;
  readonly position: number;
  readonly error: unknown;
}

const transactionalId = 'millrace.api.outbox';
/** The writer's own position stands among those of the topics, under this name and the epoch of its database. */
const outboxName = 'outbox';

/** Others write there too: the client manager its connections. */
const ownTopics = new Set<string>(resourceDefinitions.map(({ entity }) => entityKinds[entity].topic.name));

export async function openKafkaChangeLog(parts: KafkaChangeLogParts, signal: AbortSignal): Promise<ChangeLog> {
  const producer = new TransactionalProducer(parts.kafka, transactionalId);
  try {
    const aborted = await producer.connect([...ownTopics, topics.configPublished.name]);
    const positions = await readPositions(parts, signal);
    // Changes without their position are as good as none; a position without its changes says nothing any more.
    const isKnown = aborted.length === 0 || aborted.includes(topics.configPublished.name);
    const position = isKnown ? await completePosition(parts.kafka, positions) : undefined;
    return new KafkaChangeLog(parts, producer, position, positions, signal);
  } catch (error) {
    await producer.close();
    throw error;
  }
}

class KafkaChangeLog implements ChangeLog {
  readonly position: LogPosition | undefined;
  readonly #parts: KafkaChangeLogParts;
  readonly #producer: TransactionalProducer;
  readonly #signal: AbortSignal;
  /** By topic: the last record that is known to be there. */
  readonly #last: Map<string, bigint>;

  constructor(
    parts: KafkaChangeLogParts,
    producer: TransactionalProducer,
    position: LogPosition | undefined,
    positions: readonly PublishedPosition[],
    signal: AbortSignal,
  ) {
    this.position = position;
    this.#parts = parts;
    this.#producer = producer;
    this.#signal = signal;
    this.#last = new Map(position ? positions.map(({ topic, offset }) => [topic, BigInt(offset)]) : []);
  }

  async append(changes: readonly OutboxChange[], epoch: string): Promise<ReadonlyMap<string, bigint>> {
    const records: OutgoingRecord[] = [];
    for (const change of changes) records.push(...(await this.#recordOf(change)));
    return this.#write(records, { epoch, position: changes.at(-1)!.position });
  }

  async retain(isKnown: (kind: ResourceName, tenant: string, id: string) => boolean, at: LogPosition): Promise<number> {
    const { kafka, registry, ownsTenant } = this.#parts;
    const entities = resourceDefinitions.map(({ entity }) => entity);
    const followed = await followConfiguration(kafka, registry, entities, this.#signal);
    await followed.close();
    const records: OutgoingRecord[] = [];
    for (const { entity, name } of resourceDefinitions)
      for (const [key, value] of followed.configuration.all(entity))
        if (ownsTenant(value.tenant) && !isKnown(name, value.tenant, idOf(entity, value)))
          records.push(await this.#record(entity, key, null));
    await this.announce(await this.#write(records, at));
    return records.length;
  }

  async announce(offsets: ReadonlyMap<string, bigint>): Promise<void> {
    if (offsets.size === 0) return;
    const markers = await Promise.all([...offsets].map(([topic, offset]) => this.#marker(topic, offset)));
    await this.#producer.transaction({ records: markers });
  }

  close(): Promise<void> {
    return this.#producer.close();
  }

  /** None for what the schema of its topic cannot hold: checks should have refused it, and it must not stop what comes after it. */
  async #recordOf({ kind, id, tenant, body, position }: OutboxChange): Promise<readonly OutgoingRecord[]> {
    const { entity } = definitionNamed(kind);
    await this.#parts.registry.codec(entityKinds[entity].topic, this.#signal);
    try {
      return [await this.#record(entity, keyOf(entity, tenant, id), body && entityIn(entity, body))];
    } catch (error) {
      this.#parts.unpublishable({ tenant, kind, id, position: Number(position), error });
      return [];
    }
  }

  async #record<E extends WrittenEntity>(entity: E, key: string, value: Entities[E] | null): Promise<OutgoingRecord> {
    const { topic } = entityKinds[entity];
    const codec = await this.#parts.registry.codec<Entities[E]>(topic, this.#signal);
    return { topic: topic.name, partition: 0, key, value: value && codec.encode(value) };
  }

  async #write(records: readonly OutgoingRecord[], at: LogPosition): Promise<ReadonlyMap<string, bigint>> {
    const marker = await this.#marker(`${outboxName}:${at.epoch}`, at.position);
    const receipt = await this.#producer.transaction({ records: [...records, { ...marker, key: `${outboxName}/0` }] });
    const offsets = new Map<string, bigint>();
    for (const { topic } of records) offsets.set(topic, receipt.lastOffset(topic, 0) ?? -1n);
    for (const [topic, offset] of offsets) this.#follow(topic, offset);
    return offsets;
  }

  /** A topic that begins anew has lost what was published: the next owner of the log finds that, and writes everything. */
  #follow(topic: string, offset: bigint): void {
    if (offset <= (this.#last.get(topic) ?? -1n))
      throw new MillraceError('stream_unavailable', `The topic ${topic} has lost its records; it is written anew.`);
    this.#last.set(topic, offset);
  }

  async #marker(topic: string, offset: bigint): Promise<OutgoingRecord> {
    const codec = await this.#parts.registry.codec<PublishedPosition>(topics.configPublished, this.#signal);
    const publishedAtMicros = Math.round(this.#parts.clock.nowMs() * 1000);
    const value = codec.encode({ topic, partition: 0, offset: Number(offset), publishedAtMicros });
    return { topic: topics.configPublished.name, partition: 0, key: `${topic}/0`, value };
  }
}

async function readPositions(
  { kafka, registry }: KafkaChangeLogParts,
  signal: AbortSignal,
): Promise<readonly PublishedPosition[]> {
  const codec = await registry.codec<PublishedPosition>(topics.configPublished, signal);
  const positions = new Map<string, PublishedPosition>();
  const onRecords: Parameters<typeof readToEnd>[2] = async (_topic, _partition, records) => {
    await registry.prepare(records);
    for (const { key, value } of records) if (value) positions.set(key?.toString() ?? '', codec.decode(value));
  };
  await readToEnd(kafka, topics.configPublished.name, onRecords, signal);
  return [...positions.values()];
}

/** Undefined also when a topic has lost records that were published: then everything has to be written anew. */
async function completePosition(
  kafka: Kafka,
  positions: readonly PublishedPosition[],
): Promise<LogPosition | undefined> {
  const own = positions.find(({ topic }) => topic.startsWith(`${outboxName}:`));
  if (!own) return undefined;
  for (const { topic, offset } of positions) {
    if (!ownTopics.has(topic)) continue;
    const end = (await endOffsets(kafka, topic)).get(0) ?? 0n;
    if (end <= BigInt(offset)) return undefined;
  }
  return { epoch: own.topic.slice(outboxName.length + 1), position: BigInt(own.offset) };
}

function keyOf(entity: WrittenEntity, tenant: string, id: string): string {
  return entityKinds[entity].isNamedAlone ? id : entityKey(tenant, id);
}
