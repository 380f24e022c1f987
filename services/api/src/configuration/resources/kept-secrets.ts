/** What is shown and exported has no secrets, so what comes back without them keeps those that are there. */
import type { Entities, WrittenEntity } from '@millrace/config';

export function withSecretsOf<E extends WrittenEntity>(
  entity: E,
  wanted: Entities[E],
  present: Entities[E] | undefined,
): Entities[E] {
  if (entity !== 'channels' || !present) return wanted;
  const { secretsSealed } = present as Entities['channels'];
  return { ...wanted, secretsSealed: (wanted as Entities['channels']).secretsSealed ?? secretsSealed };
}

/** For files that say that they have no hashes; those that were written by hand mean what they do not have. */
export function withHashesOf<E extends WrittenEntity>(
  entity: E,
  wanted: Entities[E],
  present: Entities[E] | undefined,
): Entities[E] {
  if (entity !== 'devices' || !present || (wanted as Entities['devices']).passwordHashes.length > 0) return wanted;
  return { ...wanted, passwordHashes: (present as Entities['devices']).passwordHashes };
}
