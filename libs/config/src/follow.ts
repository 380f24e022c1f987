/** The configuration as the topics say it, kept up to date. */
import type { Topic } from '@millrace/contracts';
import { type Kafka, readTables, type Registry, type Table } from '@millrace/kafka';
import { Configuration } from './configuration.ts';
import { type Entities, entityKinds, type EntityName } from './entities.ts';

/** Offsets in the topic of an entity. */
export interface Revision {
  readonly offset: bigint;
  /** Of the record that it took the place of; undefined: there was none. */
  readonly replaced: bigint | undefined;
}

export interface FollowedConfiguration {
  readonly configuration: Configuration;
  /** Resolves when the record at this offset of the entity's topic was read. */
  reached(entity: EntityName, offset: bigint, signal: AbortSignal): Promise<void>;
  /** By topic: the offset up to which everything was applied; -1: nothing. */
  offsets(): ReadonlyMap<string, bigint>;
  /** The record by which the entity is what it is; undefined: the entity is not there. */
  revision(entity: EntityName, key: string): Revision | undefined;
  /** Resolves when the offsets are others than these. */
  moved(from: ReadonlyMap<string, bigint>, signal: AbortSignal): Promise<void>;
  /**
   * The entity's topic lost its records and was not published since. The configuration is what it was, and will be what is
   * published next: that has to be all of it.
   */
  isLost(entity: EntityName): boolean;
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
  const tables = new Map(entities.map((entity) => [entity, new EntityTable(entity, configuration)] as const));
  const reader = await readTables(kafka, registry, [...tables.values()], signal);
  const names = entities.map((entity) => entityKinds[entity].topic.name);
  return {
    configuration,
    reached: (entity, offset, until) => reader.reached(entityKinds[entity].topic.name, 0, offset, until),
    offsets: () => new Map(names.map((name) => [name, reader.position(name, 0) - 1n])),
    revision: (entity, key) => tables.get(entity)?.revisions.get(key),
    moved: (from, until) =>
      reader.until(() => names.some((name) => reader.position(name, 0) - 1n !== from.get(name)), until),
    isLost: (entity) => reader.isLost(entityKinds[entity].topic.name),
    close: () => reader.close(),
  };
}

class EntityTable<E extends EntityName> implements Table<Entities[E]> {
  readonly #entity: E;
  readonly #configuration: Configuration;
  readonly topic: Topic;
  /** By key. */
  readonly revisions = new Map<string, Revision>();

  constructor(entity: E, configuration: Configuration) {
    this.#entity = entity;
    this.#configuration = configuration;
    this.topic = entityKinds[entity].topic;
  }

  apply(key: string, value: Entities[E] | null, offset: bigint): void {
    this.#configuration.apply(this.#entity, key, value);
    if (value === null) this.revisions.delete(key);
    else this.revisions.set(key, { offset, replaced: this.revisions.get(key)?.offset });
  }
}
