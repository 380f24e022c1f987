/** From the form people write to the form on the topics: secrets become hashes or sealed bytes, versions count on. */
import type { ConfigurationFiles } from './configuration-files.ts';
import { type Entities, type EntityFile, entityKinds, type EntityName } from './entities.ts';
import type { SecretKeeper } from './secret-keeper.ts';

/** The entities of one kind as they shall stand on their topic, by key. `published`: what stands there now. */
export function publishedForm<E extends EntityName>(
  entity: E,
  files: ConfigurationFiles,
  published: ReadonlyMap<string, Entities[E]>,
  secrets: SecretKeeper,
): ReadonlyMap<string, Entities[E]> {
  const { keyOf } = entityKinds[entity];
  const entities = new Map<string, Entities[E]>();
  for (const file of files[entity] as readonly EntityFile<E>[]) {
    const key = keyOf(file as unknown as Entities[E]);
    entities.set(key, publishedEntity(entity, file, published.get(key), secrets));
  }
  return entities;
}

/** One entity as it shall stand on its topic. `published`: as it stands there now. */
export function publishedEntity<E extends EntityName>(
  entity: E,
  file: EntityFile<E>,
  published: Entities[E] | undefined,
  secrets: SecretKeeper,
): Entities[E] {
  return entityKinds[entity].publish(file, published, secrets);
}

/** One entity as it shall be kept: what is published of it, and beside that what only its keeper needs. `before`: as it is kept now. */
export function keptEntity<E extends EntityName>(
  entity: E,
  file: EntityFile<E>,
  before: Entities[E] | undefined,
  secrets: SecretKeeper,
): Entities[E] {
  const { kept = [] } = entityKinds[entity];
  const members = kept.map((member) => [member, Reflect.get(file, member)] as const);
  return { ...publishedEntity(entity, file, before, secrets), ...Object.fromEntries(members) };
}
