/** The entities of the configuration: their types, topics and Kafka keys, in an order in which what is referred to comes first. */
import type { z } from 'zod';
import type { EntityDefinition, Owned } from './entity.ts';
import * as declared from './generated/entities.ts';
import type { EntityName } from './generated/entities.ts';

export { entityKey } from './entity.ts';
export type { EntityName };

type Declared = typeof declared;

/** As it is published. */
export type Entities = {
  readonly [E in EntityName]: Declared[E] extends { readonly keyOf: (it: infer P extends Owned) => string } ? P : never;
};

/** As it stands in a document that holds the whole configuration, secrets in plain text; of files, after their check. */
export type EntityFile<E extends EntityName> = Declared[E] extends { readonly document: infer Form extends z.ZodType }
  ? Readonly<z.infer<Form>>
  : never;

/** A kind of entity, where each is handled alike. */
export type EntityKind<E extends EntityName = EntityName> = Omit<
  EntityDefinition,
  'keyOf' | 'publish' | 'isFromApi'
> & {
  readonly isFromApi?: (it: Entities[E]) => boolean;
  readonly keyOf: (it: Entities[E]) => string;
  readonly publish: (
    file: EntityFile<E>,
    published: Entities[E] | undefined,
    ...rest: Parameters<EntityDefinition['publish']> extends [unknown, unknown, ...infer Rest] ? Rest : never
  ) => Entities[E];
};

export const entityKinds = inOrder(declared as unknown as Record<EntityName, EntityKind>) as unknown as {
  readonly [E in EntityName]: EntityKind<E>;
};

export const entityNames = Object.keys(entityKinds) as readonly EntityName[];

/** Entities that programs write to the api; connections are the client manager's. */
export type WrittenEntity = Exclude<EntityName, 'connections'>;

export const writtenEntities = entityNames.filter((name): name is WrittenEntity => name !== 'connections');

/** Tenants first, which everything else belongs to. */
function inOrder(kinds: Record<EntityName, EntityKind>): Partial<Record<EntityName, EntityKind>> {
  const ordered: Partial<Record<EntityName, EntityKind>> = { tenants: kinds.tenants };
  const add = (name: EntityName, referrers: readonly EntityName[]): void => {
    if (name in ordered || referrers.includes(name)) return;
    for (const target of Object.keys(kinds[name].references ?? {})) add(target as EntityName, [...referrers, name]);
    ordered[name] = kinds[name];
  };
  for (const name of Object.keys(kinds)) add(name as EntityName, []);
  return ordered;
}
