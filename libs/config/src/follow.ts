/** The configuration as the topics say it, kept up to date. */
import type { Topic } from '@millrace/contracts';
import { type Kafka, readTables, type Registry, type Table } from '@millrace/kafka';
import { Configuration } from './configuration.ts';
import { type Entities, entityKinds, type EntityName } from './entities.ts';

export interface FollowedConfiguration {
  readonly configuration: Configuration;
  /** Resolves when the record at this offset of the entity's topic was applied. */
  reached(entity: EntityName, offset: bigint, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/**
 * Resolves when the topics of these entities are read to the end and to the position that was published last; follows them
 * until it is closed. Waits for Kafka and the registry until the signal. Entities that are not asked for stay empty.
 */
export async function followConfiguration(
  kafka: Kafka,
  registry: Registry,
  entities: readonly EntityName[],
  signal: AbortSignal,
): Promise<FollowedConfiguration> {
  const configuration = new Configuration();
  const reader = await readTables(
    kafka,
    registry,
    entities.map((entity) => new EntityTable(entity, configuration)),
    signal,
  );
  return {
    configuration,
    reached: (entity, offset, until) => reader.reached(entityKinds[entity].topic.name, 0, offset, until),
    close: () => reader.close(),
  };
}

class EntityTable<E extends EntityName> implements Table<Entities[E]> {
  readonly #entity: E;
  readonly #configuration: Configuration;
  readonly topic: Topic;

  constructor(entity: E, configuration: Configuration) {
    this.#entity = entity;
    this.#configuration = configuration;
    this.topic = entityKinds[entity].topic;
  }

  apply(key: string, value: Entities[E] | null): void {
    this.#configuration.apply(this.#entity, key, value);
  }
}
