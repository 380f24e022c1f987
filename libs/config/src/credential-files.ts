/** Elements of the files about credentials: keys and certificates of devices, authorities and issuers that a tenant trusts. */
import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import {
  deviceUid,
  endTime,
  hash,
  identifier,
  keyId,
  label,
  labelCharsMax,
  plainKey,
  tenant,
} from './entity-fields.ts';

/** One certificate with an RSA key of 8192 bits. */
const pemCharsMax = 16_384;
/** Certificates of the built-in authority live for 90 days: a larger list means that the authority itself is to be replaced. */
const revokedSerialsMax = 4_096;
const urlCharsMax = 1_024;

const certificate = z.string().max(pemCharsMax).refine(isCertificate, { error: 'must be one certificate in PEM' });
const url = z.url({ protocol: /^https?$/ }).max(urlCharsMax);

export const deviceCredentialFile = z
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
  .refine((file) => (file.hash === undefined) !== (file[file.kind] === undefined), {
    path: ['hash'],
    error: 'give either hash or what it is of',
  })
  .refine((file) => (file.kind === 'key' ? file.certificate : file.key) === undefined, {
    path: ['kind'],
    error: 'a key has no certificate, and a certificate no key',
  })
  .refine(({ key, credentialId }) => key === undefined || key.startsWith(`${credentialId}.`), {
    path: ['key'],
    error: 'must begin with its credentialId and a dot',
  });

export const certificateAuthorityFile = z.strictObject({
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

export const tokenIssuerFile = z
  .strictObject({
    tenant,
    issuerId: identifier,
    issuer: url,
    audience: label.min(1),
    jwksUrl: url,
    deviceClaim: z
      .string()
      .regex(/^[A-Za-z0-9_:./-]{1,128}$/, 'must be the name of a claim')
      .default('sub'),
  })
  .refine(
    ({ tenant: name, audience }) => audience === name || ['/', ':'].some((sign) => audience.endsWith(sign + name)),
    {
      path: ['audience'],
      error: 'must end with the tenant, as in https://ingest.example.com/<tenant>',
    },
  );

function isCertificate(pem: string): boolean {
  try {
    return pem.split('-----BEGIN ').length === 2 && new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
