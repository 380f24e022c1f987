/** What no single file can say: keys are unique, and whatever an entity refers to exists in its tenant. */
import type { FieldError } from '@millrace/contracts';
import { type ConfigurationFiles, fileNames } from './configuration-files.ts';
import { type Entities, type EntityFile, entityKey, entityKinds, type EntityName, entityNames } from './entities.ts';

export interface EntityReference {
  readonly entity: EntityName;
  readonly id: string;
  /** Where it stands in the entity: `notify[0].channelId`. */
  readonly field: string;
}

/** What an entity refers to. Members that matter here are the same in a file and in what is published of it. */
export function referencesOf<E extends EntityName>(
  entity: E,
  it: EntityFile<E> | Entities[E],
): readonly EntityReference[] {
  return Object.entries(entityKinds[entity].references ?? {}).flatMap(([target, idsIn]) =>
    idsIn(it).flatMap(([field, id]) => (id === null ? [] : [{ entity: target as EntityName, id, field }])),
  );
}

/** Every breach in the whole folder; none: the files fit together. */
export function referenceErrors(files: ConfigurationFiles): readonly FieldError[] {
  const errors = new Errors();
  const ids = new Map<EntityName, ReadonlySet<string>>();
  for (const entity of entityNames) {
    const { id, keyOf, unique = {} } = entityKinds[entity];
    const ofKind = files[entity] as readonly (EntityFile<EntityName> & { readonly tenant: string })[];
    ids.set(entity, errors.unique(entity, ofKind, id, keyOf as (it: unknown) => string));
    for (const [member, valueOf] of Object.entries(unique))
      errors.unique(entity, ofKind, member, (it) => {
        const value = valueOf(it);
        return value === null ? undefined : entityKey(it.tenant, value);
      });
  }
  errors.unique('tokenIssuers', files.tokenIssuers, 'audience', (it) => `${it.issuer} ${it.audience}`);
  for (const entity of entityNames)
    for (const [index, it] of files[entity].entries()) {
      if (!ids.get('tenants')!.has(it.tenant)) errors.unknown(entity, index, 'tenant', it.tenant);
      for (const { entity: target, id, field } of referencesOf(entity, it as never))
        if (!ids.get(target)!.has(entityKey(it.tenant, id))) errors.unknown(entity, index, field, id);
    }
  return errors.found;
}

class Errors {
  readonly found: FieldError[] = [];

  /** The keys of the entities; one that was there before is an error. */
  unique<T>(
    entity: EntityName,
    entities: readonly T[],
    field: string,
    keyOf: (it: T) => string | undefined,
  ): ReadonlySet<string> {
    const keys = new Set<string>();
    for (const [index, it] of entities.entries()) {
      const key = keyOf(it);
      if (key === undefined) continue;
      if (keys.has(key)) this.#add(entity, index, field, 'duplicate', `${key} is there already.`);
      keys.add(key);
    }
    return keys;
  }

  unknown(entity: EntityName, index: number, field: string, id: string): void {
    this.#add(entity, index, field, 'unknown_reference', `There is no ${id} in this tenant's configuration.`);
  }

  #add(entity: EntityName, index: number, field: string, code: string, detail: string): void {
    this.found.push({ field: `${fileNames[entity]}[${index}].${field}`, code, detail });
  }
}
