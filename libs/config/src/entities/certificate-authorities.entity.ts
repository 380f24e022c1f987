/** Authorities whose certificates of devices a tenant trusts. */
import { X509Certificate } from 'node:crypto';
import { type CertificateAuthorityConfig, topics } from '@millrace/contracts';
import { z } from 'zod';
import { certificate, isCertificate } from '../certificate-field.ts';
import { defineEntity } from '../entity.ts';
import { identifier, labelCharsMax, tenant } from '../entity-fields.ts';

/** Certificates of the built-in authority live for 90 days: a larger list means that the authority itself is to be replaced. */
export const revokedSerialsMax = 4_096;

const file = z.strictObject({
  tenant,
  authorityId: identifier,
  certificate: certificate.refine((pem) => !isCertificate(pem) || new X509Certificate(pem).ca, {
    error: 'must be the certificate of an authority (basicConstraints CA:TRUE)',
  }),
  deviceFrom: z
    .strictObject({
      field: z.enum(['commonName', 'dns', 'uri']),
      pattern: z
        .string()
        .max(labelCharsMax)
        .regex(/^[^{}]*\{deviceUid\}[^{}]*$/, 'needs {deviceUid} once')
        .default('{deviceUid}'),
    })
    .default({ field: 'commonName', pattern: '{deviceUid}' }),
  revokedSerials: z
    .array(
      z
        .string()
        .regex(/^[0-9A-Fa-f]{1,40}$/, 'must be hexadecimal')
        .toUpperCase(),
    )
    .max(revokedSerialsMax)
    .default([]),
});

export const certificateAuthorities = defineEntity<CertificateAuthorityConfig>()({
  topic: topics.configCertificateAuthorities,
  id: 'authorityId',
  singular: 'certificate authority',
  file,
  publish: (it) => it,
  scopes: { write: 'admin' },
});
