/** What no single file can say: keys are unique, and whatever an entity refers to exists in its tenant. */
import type { FieldError } from '@millrace/contracts';
import { type ConfigurationFiles, fileNames } from './configuration-files.ts';
import { entityKey, entityKinds, type EntityName, entityNames, idFields } from './entities.ts';
import { referencesOf } from './entity-references.ts';

/** Every breach in the whole folder; none: the files fit together. */
export function referenceErrors(files: ConfigurationFiles): readonly FieldError[] {
  const errors = new Errors();
  const ids = Object.fromEntries(
    entityNames.map((entity) => [
      entity,
      errors.unique<never>(entity, files[entity] as readonly never[], idFields[entity], keyOf(entity)),
    ]),
  ) as Record<EntityName, ReadonlySet<string>>;
  errors.unique('devices', files.devices, 'identificationCode', (it) =>
    it.identificationCode === null ? undefined : entityKey(it.tenant, it.identificationCode),
  );
  errors.unique('tokenIssuers', files.tokenIssuers, 'audience', (it) => `${it.issuer} ${it.audience}`);
  for (const entity of entityNames)
    for (const [index, it] of files[entity].entries()) {
      if (!ids.tenants.has(it.tenant)) errors.unknown(entity, index, 'tenant', it.tenant);
      for (const { entity: target, id, field } of referencesOf(entity, it as never))
        if (!ids[target].has(entityKey(it.tenant, id))) errors.unknown(entity, index, field, id);
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

/** The key of the entity's record: unique among its kind. */
function keyOf(entity: EntityName): (it: never) => string {
  return entityKinds[entity].keyOf as (it: never) => string;
}
