/** Keys of programs. */
import { type ApiKeyConfig, topics } from '@millrace/contracts';
import { z } from 'zod';
import { defineEntity } from '../entity.ts';
import { endMicrosOf, endTime, endTimeOf, hash, keyId, plainKey, tenant, withEndTime } from '../entity-fields.ts';
import { scopeNames } from '../scopes.ts';

const file = z
  .strictObject({
    tenant,
    keyId,
    hash: hash.optional(),
    /** The whole key in plain text, `keyId.secret`; only its hash leaves the folder. */
    key: plainKey.optional(),
    scopes: z.array(z.enum(scopeNames)).min(1),
    expiresAt: endTime.nullable().default(null),
    /** Of the key before the last rotation, which is valid until then. */
    previousHash: hash.nullable().default(null),
    previousUntil: endTime.nullable().default(null),
  })
  .refine(({ previousHash, previousUntil }) => (previousHash === null) === (previousUntil === null), {
    path: ['previousUntil'],
    error: 'give both, previousHash and previousUntil',
  })
  .refine(({ hash, key }) => (hash === undefined) !== (key === undefined), {
    path: ['key'],
    error: 'give either key or hash',
  })
  .refine(({ key, keyId }) => key === undefined || key.startsWith(`${keyId}.`), {
    path: ['key'],
    error: 'must begin with its keyId and a dot',
  });

export const apiKeys = defineEntity<ApiKeyConfig>()({
  topic: topics.configApiKeys,
  id: 'keyId',
  isNamedAlone: true,
  singular: 'API key',
  file,
  publish: ({ key, hash: known, expiresAt, previousUntil, ...rest }, _, secrets) => ({
    ...rest,
    hash: key === undefined ? (known ?? '') : secrets.hash(key),
    expiresAtMicros: endMicrosOf(expiresAt),
    previousUntilMicros: endMicrosOf(previousUntil),
  }),
  fileForm: ({ previousUntilMicros, ...key }) => ({
    previousHash: null,
    ...withEndTime(key),
    previousUntil: endTimeOf(previousUntilMicros),
  }),
  hidden: ['hash', 'key', 'previousHash'],
  scopes: { read: 'admin', write: 'admin' },
  isWrittenByHand: true,
});
