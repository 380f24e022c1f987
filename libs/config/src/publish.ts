/** Brings the configuration topics to what a folder says, with as few records as possible. */
import { type PublishedPosition, topics } from '@millrace/contracts';
import type { OutgoingRecord, RecordProducer, Registry } from '@millrace/kafka';
import type { Clock } from '@millrace/kernel';
import { changesOf } from './changes.ts';
import type { Configuration } from './configuration.ts';
import type { ConfigurationFiles } from './configuration-files.ts';
import { type Entities, entityKinds, type EntityName } from './entities.ts';
import type { FollowedConfiguration } from './follow.ts';
import { publishedForm } from './published-form.ts';
import type { SecretKeeper } from './secret-keeper.ts';

export interface Publisher {
  /** What the caller owns, and no other service publishes. */
  readonly entities: readonly EntityName[];
  /** What stands on the topics of at least these entities. */
  readonly published: FollowedConfiguration;
  readonly producer: Pick<RecordProducer, 'send'>;
  readonly registry: Registry;
  readonly secrets: SecretKeeper;
  readonly clock: Clock;
  /** Tenants that the folder speaks for: only of these, vanished entities are deleted. */
  readonly ownsTenant: (tenant: string) => boolean;
}

export interface Publication {
  readonly written: number;
  readonly deleted: number;
}

/**
 * Writes what is new or different, deletes what is not in the folder any more, then says in `config.published.v1` up to where
 * the topics belong together. Resolves when all is durable and `published` has it; an unchanged folder writes nothing. When it
 * fails half-way, the next call writes the rest. One call at a time.
 */
export async function publishConfiguration(
  publisher: Publisher,
  files: ConfigurationFiles,
  signal: AbortSignal,
): Promise<Publication> {
  const counts = { written: 0, deleted: 0 };
  const positions: PublishedPosition[] = [];
  for (const entity of publisher.entities) {
    const records = await changedRecords(publisher, entity, files, signal);
    if (records.length === 0) continue;
    const { name: topic } = entityKinds[entity].topic;
    const receipt = await publisher.producer.send(records, signal);
    const offset = receipt.lastOffset(topic, 0) ?? -1n;
    positions.push({ topic, partition: 0, offset: Number(offset), publishedAtMicros: nowMicros(publisher.clock) });
    await publisher.published.reached(entity, offset, signal);
    const deleted = records.filter(({ value }) => value === null).length;
    counts.deleted += deleted;
    counts.written += records.length - deleted;
  }
  if (positions.length > 0) await writePositions(publisher, positions, signal);
  return counts;
}

async function changedRecords<E extends EntityName>(
  { published, registry, secrets, ownsTenant }: Publisher,
  entity: E,
  files: ConfigurationFiles,
  signal: AbortSignal,
): Promise<readonly OutgoingRecord[]> {
  const { topic, isFromApi = () => false } = entityKinds[entity];
  const codec = await registry.codec<Entities[E]>(topic, signal);
  const before = published.configuration.all(entity);
  const wanted = new Map([
    ...withoutDeleted(entity, publishedForm(entity, files, before, secrets), published.configuration),
    ...[...before].filter(([, it]) => isFromApi(it)),
  ]);
  // Of a topic that lost its records everything is written again; versions and sealed secrets stay what they were.
  const standing = published.isLost(entity) ? new Map<string, Entities[E]>() : before;
  return changesOf(wanted, standing, ownsTenant).map(({ key, value }) => ({
    topic: topic.name,
    partition: 0,
    key,
    value: value && codec.encode(value),
  }));
}

/** A folder may still name what a tenant had that was deleted; the tenant itself says that it is. */
function withoutDeleted<E extends EntityName>(
  entity: E,
  wanted: ReadonlyMap<string, Entities[E]>,
  configuration: Configuration,
): ReadonlyMap<string, Entities[E]> {
  if (entity === 'tenants') return wanted;
  return new Map([...wanted].filter(([, { tenant }]) => !configuration.isDeleted(tenant)));
}

async function writePositions(
  { registry, producer }: Publisher,
  positions: readonly PublishedPosition[],
  signal: AbortSignal,
): Promise<void> {
  const codec = await registry.codec<PublishedPosition>(topics.configPublished, signal);
  const records = positions.map((position) => ({
    topic: topics.configPublished.name,
    partition: 0,
    key: `${position.topic}/${position.partition}`,
    value: codec.encode(position),
  }));
  await producer.send(records, signal);
}

function nowMicros(clock: Clock): number {
  return Math.floor(clock.nowMs() * 1000);
}
