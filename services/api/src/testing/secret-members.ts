/** Members of entities that are secret, read from the schemas, so that a new one is noticed. */
import { entityBodySchema, entityKinds, writtenEntities } from '@millrace/config';
import { schemaOf } from '@millrace/contracts';

/** Secret is what is called so, and what does not reach the topic as it is written, but for what everybody may know. */
const secretName = /pass(word|phrase)|secret|token|credential|^key$|private/i;
const noSecrets = new Set([
  'apiKeys.expiresAt',
  'apiKeys.previousUntil',
  'deviceCredentials.certificate',
  'deviceCredentials.credentialId',
  'deviceCredentials.expiresAt',
  'scripts.samples',
]);

/** Whose values are hashes already: they are shown to those who may export. */
const hashes = new Set(['devices.passwordHashes', 'apiKeys.hash']);

/** `devices.passwords` */
export function secretMembers(): readonly string[] {
  return writtenEntities.flatMap((entity) => {
    const schema = schemaOf(entityKinds[entity].topic.name) as unknown as { fields: { name: string }[] };
    const published = new Set(schema.fields.map(({ name }) => name));
    return Object.keys(entityBodySchema(entity).shape)
      .filter((name) => secretName.test(name) || !published.has(name))
      .map((name) => `${entity}.${name}`)
      .filter((name) => !noSecrets.has(name) && !hashes.has(name));
  });
}
