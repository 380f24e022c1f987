/** The body of a request as the entity that shall be stored. */
import {
  type Entities,
  fileFormOf,
  keptEntity,
  readEntity,
  type SecretKeeper,
  type WrittenEntity,
} from '@millrace/config';
import { mergePatch } from '@millrace/platform/rest';
import { withSecretsOf } from './kept-secrets.ts';

/** `before`: what is stored, of which the body is a merge patch. Throws `invalid_field` with every wrong member. */
export function readBody<E extends WrittenEntity>(
  entity: E,
  tenant: string,
  body: unknown,
  before: Entities[E] | undefined,
  secrets: SecretKeeper,
): Entities[E] {
  const file = readEntity(entity, tenant, before ? mergePatch(patched(entity, before, body), body) : body);
  const wanted = keptEntity(entity, file, before, secrets);
  return Object.hasOwn(Object(body), 'secrets') ? wanted : withSecretsOf(entity, wanted, before);
}

/** What a patch is applied to: the body as the caller may write it. */
function patched<E extends WrittenEntity>(entity: E, before: Entities[E], patch: unknown): object {
  const { tenant, ...form } = fileFormOf(entity, before);
  // Hashes of passwords stay, unless other passwords come.
  if (entity === 'devices' && Object.hasOwn(Object(patch), 'passwords')) return { ...form, passwordHashes: [] };
  return entity === 'tenants' ? { tenant, ...form } : form;
}
