/**
 * The two forms of an entity beside the published one: as a program writes it to the api (without its tenant, which is the
 * key's), and as it goes back there.
 */
import { type FieldError, MillraceError } from '@millrace/contracts';
import { z } from 'zod';
import {
  type Entities,
  type EntityFile,
  entityKinds,
  type EntityName,
  type WrittenEntity,
  writtenEntities,
} from './entities.ts';

/** For documents: what `readEntity` takes. */
export function entityBodySchema(entity: WrittenEntity): z.ZodObject {
  const { document, id, notInRequests = {} } = entityKinds[entity];
  const kept = Object.entries((document as z.ZodObject).shape).filter(
    ([member]) => (member !== 'tenant' || id === 'tenant') && !Object.hasOwn(notInRequests, member),
  );
  return z.strictObject(Object.fromEntries(kept) as Record<string, z.ZodType>);
}

/** A whole configuration as one document: the files of a folder, scripts with their text. */
export const fileSchemas = Object.fromEntries(
  writtenEntities.map((entity) => {
    const list = z.array(entityKinds[entity].document);
    return [entity, entity === 'tenants' ? list.min(1) : list.default([])];
  }),
) as unknown as { readonly [E in WrittenEntity]: z.ZodType<EntityFile<E>[]> };

/** A body of a request as an entity of the tenant. Throws `invalid_field` with every wrong field. */
export function readEntity<E extends EntityName>(entity: E, tenant: string, body: unknown): EntityFile<E> {
  const { document, id, notInRequests } = entityKinds[entity];
  const isTenant = id === 'tenant';
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw refused([{ field: '', code: 'invalid_type', detail: 'The body must be a JSON object.' }]);
  const foreign = { ...notInRequests, ...(!isTenant && { tenant: 'The tenant is that of the key.' }) };
  const errors: FieldError[] = Object.entries(foreign)
    .filter(([member]) => Object.hasOwn(body, member))
    .map(([field, detail]) => ({ field, code: 'unrecognized_keys', detail }));
  const parsed = document.safeParse({ ...body, ...(!isTenant && { tenant }) });
  for (const { path, code, message } of parsed.error?.issues ?? [])
    errors.push({ field: path.map(String).join('.'), code, detail: message });
  if (errors.length > 0) throw refused(errors);
  return parsed.data as EntityFile<E>;
}

/** The published entity in the form of a document, as far as it can be told: secrets only as hashes, or not at all. */
export function fileFormOf<E extends EntityName>(entity: E, published: Entities[E]): Readonly<Record<string, unknown>> {
  const { fileForm } = entityKinds[entity];
  return fileForm ? fileForm(published) : { ...(published as object) };
}

/** What everyone who may read the configuration may see. */
export function viewOf<E extends EntityName>(entity: E, published: Entities[E]): Readonly<Record<string, unknown>> {
  const { id, hidden = [], shown } = entityKinds[entity];
  const notShown = new Set(id === 'tenant' ? hidden : [...hidden, 'tenant']);
  const view = Object.entries(fileFormOf(entity, published)).filter(([member]) => !notShown.has(member));
  return { ...Object.fromEntries(view), ...shown?.of(published) };
}

/** The form of `viewOf`. */
export function viewSchema(entity: WrittenEntity): z.ZodObject {
  const { hidden = [], shown } = entityKinds[entity];
  const members = Object.entries(entityBodySchema(entity).shape as Record<string, z.ZodType>)
    .filter(([member]) => !hidden.includes(member))
    .map(([member, schema]) => [member, schema instanceof z.ZodDefault ? schema.unwrap() : schema]);
  return z.strictObject({ ...(Object.fromEntries(members) as Record<string, z.ZodType>), ...shown?.form });
}

function refused(errors: readonly FieldError[]): MillraceError {
  const [first] = errors;
  return new MillraceError('invalid_field', `${first?.field || 'The body'}: ${first?.detail}`, { errors });
}

/** The id in an entity of this kind. */
export function idOf<E extends EntityName>(entity: E, it: Entities[E] | EntityFile<E>): string {
  return Reflect.get(it, entityKinds[entity].id) as string;
}
