/** What has to be written so that a topic says what the folder says. */
import { isDeepStrictEqual } from 'node:util';
import type { Entities, EntityName } from './entities.ts';
import { plain } from './entity-version.ts';

export interface Change<E extends EntityName = EntityName> {
  readonly key: string;
  /** Null: the entity is to be deleted. */
  readonly value: Entities[E] | null;
}

/** Entities that are new or different, then those that vanished. Of tenants that are not ours nothing is deleted. */
export function changesOf<E extends EntityName>(
  wanted: ReadonlyMap<string, Entities[E]>,
  published: ReadonlyMap<string, Entities[E]>,
  ownsTenant: (tenant: string) => boolean,
): readonly Change<E>[] {
  const changes: Change<E>[] = [];
  for (const [key, value] of wanted) {
    const before = published.get(key);
    if (!before || !isDeepStrictEqual(plain(value), plain(before))) changes.push({ key, value });
  }
  for (const [key, { tenant }] of published)
    if (!wanted.has(key) && ownsTenant(tenant)) changes.push({ key, value: null });
  return changes;
}
