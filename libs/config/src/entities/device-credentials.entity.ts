/** Keys and certificates of devices. */
import { X509Certificate } from 'node:crypto';
import { certificateHash, type DeviceCredentialConfig, topics } from '@millrace/contracts';
import { z } from 'zod';
import { certificate } from '../certificate-field.ts';
import { defineEntity } from '../entity.ts';
import { deviceUid, endMicrosOf, endTime, hash, keyId, plainKey, tenant, withEndTime } from '../entity-fields.ts';

const file = z
  .strictObject({
    tenant,
    credentialId: keyId,
    deviceUid,
    kind: z.enum(['key', 'certificate']),
    /** In plain text, `credentialId.secret`; only its hash leaves the folder. */
    key: plainKey.optional(),
    /** PEM; only its hash leaves the folder. */
    certificate: certificate.optional(),
    hash: hash.optional(),
    expiresAt: endTime.nullable().default(null),
  })
  .refine((it) => (it.hash === undefined) !== (it[it.kind] === undefined), {
    path: ['hash'],
    error: 'give either hash or what it is of',
  })
  .refine((it) => (it.kind === 'key' ? it.certificate : it.key) === undefined, {
    path: ['kind'],
    error: 'a key has no certificate, and a certificate no key',
  })
  .refine(({ key, credentialId }) => key === undefined || key.startsWith(`${credentialId}.`), {
    path: ['key'],
    error: 'must begin with its credentialId and a dot',
  });

export const deviceCredentials = defineEntity<DeviceCredentialConfig>()({
  topic: topics.configDeviceCredentials,
  id: 'credentialId',
  isNamedAlone: true,
  singular: 'device credential',
  file,
  publish: ({ key, certificate: pem, hash: known, expiresAt, ...credential }, _, secrets) => ({
    ...credential,
    hash: known ?? (pem === undefined ? secrets.hash(key ?? '') : certificateHash(new X509Certificate(pem))),
    expiresAtMicros: endMicrosOf(expiresAt),
  }),
  fileForm: withEndTime,
  references: { devices: ({ deviceUid: uid }) => [['deviceUid', uid]] },
  hidden: ['hash', 'key', 'certificate'],
  scopes: { write: 'admin' },
  isWrittenByHand: true,
  filters: { deviceUid: 'device_id', kind: 'kind' },
});
