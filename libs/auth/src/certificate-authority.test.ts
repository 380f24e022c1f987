import 'reflect-metadata';
import { createPrivateKey, randomBytes, sign, type webcrypto, X509Certificate } from 'node:crypto';
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import { beforeAll, expect, test } from 'vitest';
import {
  type AuthorityKeys,
  authorityKeyPurpose,
  createAuthority,
  isForKeyOf,
  isSignedBy,
  issueForRequest,
  issueWithKey,
} from './certificate-authority.ts';
import { deviceUidOf } from './client-certificate.ts';
import { KeyedSecrets } from './keyed-secrets.ts';
import { SecretKey } from './secret-key.ts';

const nowMs = Date.UTC(2026, 2, 1);
const dayMs = 86_400_000;
const p256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
let authority: AuthorityKeys;

beforeAll(async () => {
  authority = await createAuthority('acme', nowMs);
});

const trusting = (certificate: string, revokedSerials: readonly string[] = []) => ({
  certificate,
  deviceFrom: { field: 'commonName', pattern: '{deviceUid}' },
  revokedSerials,
});

/** A request in PEM whose subject is a lie. */
async function requestOf(algorithm: object): Promise<string> {
  const keys = await crypto.subtle.generateKey(algorithm as webcrypto.EcKeyGenParams, true, ['sign', 'verify']);
  const name = 'CN=another,O=other';
  const made = await Pkcs10CertificateRequestGenerator.create({ name, keys, signingAlgorithm: algorithm });
  return made.toString('pem');
}

test('an authority signs certificates of devices, and no authorities', () => {
  const own = new X509Certificate(authority.certificate);
  expect(own.ca).toBe(true);
  expect(own.subject).toBe('CN=Devices of acme\nO=acme');
  expect(own.verify(own.publicKey)).toBe(true);
  expect(own.validToDate.getTime()).toBe(nowMs + 3_650 * dayMs);
  expect(own.checkPrivateKey(createPrivateKey(authority.privateKey))).toBe(true);
});

test('a certificate with a key that was made here speaks for its device, for 90 days, among devices of this authority only', async () => {
  const issued = await issueWithKey(authority, { deviceUid: 'd1', nowMs });
  const parsed = new X509Certificate(issued.certificate);
  expect(parsed.checkPrivateKey(createPrivateKey(issued.privateKey))).toBe(true);
  expect(issued).toMatchObject({ serialNumber: parsed.serialNumber, notAfterMs: nowMs + 90 * dayMs });
  expect(deviceUidOf(parsed, trusting(authority.certificate), nowMs)).toBe('d1');
  expect(deviceUidOf(parsed, trusting(authority.certificate), nowMs - 60_000)).toBe('d1');
  expect(deviceUidOf(parsed, trusting(authority.certificate), nowMs + 90 * dayMs)).toBeUndefined();
  expect(deviceUidOf(parsed, trusting(authority.certificate, [issued.serialNumber]), nowMs)).toBeUndefined();
  const another = await createAuthority('acme', nowMs);
  expect(deviceUidOf(parsed, trusting(another.certificate), nowMs)).toBeUndefined();
});

test.each([
  ['EC P-256', p256],
  ['EC P-384', { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' }],
  ['Ed25519', { name: 'Ed25519' }],
  [
    'RSA 2048',
    { name: 'RSASSA-PKCS1-v1_5', modulusLength: 2_048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' },
  ],
])(
  'a request with a key of %s is signed for the device that was ordered, not for the one it names',
  async (_, algorithm) => {
    const issued = await issueForRequest(authority, await requestOf(algorithm), { deviceUid: 'd2', nowMs, days: 7 });
    const parsed = new X509Certificate(issued.certificate);
    expect(parsed.subject).toBe('CN=d2');
    expect(parsed.ca).toBe(false);
    expect(deviceUidOf(parsed, trusting(authority.certificate), nowMs)).toBe('d2');
    expect(issued.notAfterMs).toBe(nowMs + 7 * dayMs);
  },
);

test('a renewed certificate is another one, asked for when two thirds are over, and both are valid', async () => {
  const first = await issueWithKey(authority, { deviceUid: 'd1', nowMs });
  expect((first.renewAfterMs - nowMs) / dayMs).toBeCloseTo(60, 1);
  const next = await issueWithKey(authority, { deviceUid: 'd1', nowMs: first.renewAfterMs });
  expect(next.serialNumber).not.toBe(first.serialNumber);
  for (const { certificate } of [first, next])
    expect(deviceUidOf(new X509Certificate(certificate), trusting(authority.certificate), first.renewAfterMs)).toBe(
      'd1',
    );
});

test('a request is known again by its key, and a text by the key of the certificate that signed it', async () => {
  const [own, other] = [await requestOf(p256), await requestOf(p256)];
  const { certificate } = await issueForRequest(authority, own, { deviceUid: 'd1', nowMs });
  expect(await isForKeyOf(own, [certificate, authority.certificate])).toEqual([true, false]);
  expect(await isForKeyOf(other, [certificate])).toEqual([false]);
  const withKey = await issueWithKey(authority, { deviceUid: 'd1', nowMs });
  const signature = sign('sha256', Buffer.from(own), withKey.privateKey).toString('base64');
  expect(isSignedBy(withKey.certificate, own, signature)).toBe(true);
  for (const [pem, text, base64] of [
    [certificate, own, signature],
    [withKey.certificate, other, signature],
    [withKey.certificate, own, ''],
    [withKey.certificate, own, 'AAAA'],
    ['none', own, signature],
  ] as const)
    expect(isSignedBy(pem, text, base64)).toBe(false);
});

test('no certificate outlives its authority, and one that is about to end signs none', async () => {
  const endMs = nowMs + 3_650 * dayMs;
  const late = await issueWithKey(authority, { deviceUid: 'd1', nowMs: endMs - 10 * dayMs });
  expect(late.notAfterMs).toBe(endMs);
  await expect(issueWithKey(authority, { deviceUid: 'd1', nowMs: endMs - dayMs + 1 })).rejects.toMatchObject({
    code: 'configuration_invalid',
  });
});

test.each<[string, () => Promise<string> | string]>([
  ['no request', () => 'hello'],
  ['a certificate', () => authority.certificate],
  ['a request that was changed', async () => changed(await requestOf(p256))],
  ['a request without end', () => '-'.repeat(20_000)],
  [
    'a request with a weak key',
    () =>
      requestOf({
        name: 'RSASSA-PKCS1-v1_5',
        modulusLength: 1_024,
        publicExponent: new Uint8Array([1, 0, 1]),
        hash: 'SHA-256',
      }),
  ],
])('%s is refused', async (_, made) => {
  await expect(issueForRequest(authority, await made(), { deviceUid: 'd1', nowMs })).rejects.toMatchObject({
    code: 'invalid_field',
    errors: [{ field: 'request' }],
  });
});

/** Another subject under the same signature. */
function changed(request: string): string {
  const der = Buffer.from(request.split('\n').slice(1, -1).join(''), 'base64');
  der.write('Another', der.indexOf('another'));
  return `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----`;
}

test.each([
  ['deviceUid', { deviceUid: 'd 1' }],
  ['days', { days: 0 }],
  ['days', { days: 398 }],
  ['days', { days: 1.5 }],
])('a wrong %s is refused', async (field, wrong) => {
  await expect(issueWithKey(authority, { deviceUid: 'd1', nowMs, ...wrong })).rejects.toMatchObject({
    code: 'invalid_field',
    errors: [{ field }],
  });
});

test('the key of an authority is kept sealed, and opens for this authority alone', async () => {
  const secrets = new KeyedSecrets(new SecretKey(randomBytes(32)));
  const purpose = authorityKeyPurpose({ tenant: 'acme', authorityId: 'own' });
  const sealed = secrets.seal(authority.privateKey, purpose, null);
  expect(sealed.toString('latin1')).not.toContain('PRIVATE KEY');
  const opened = { ...authority, privateKey: secrets.open(sealed, purpose) };
  expect((await issueWithKey(opened, { deviceUid: 'd1', nowMs })).hash).toMatch(/^[A-Za-z0-9_-]{43}$/);
  const other = authorityKeyPurpose({ tenant: 'other', authorityId: 'own' });
  expect(() => secrets.open(sealed, other)).toThrow('does not open');
});
