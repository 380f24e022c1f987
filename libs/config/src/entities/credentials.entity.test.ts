import { X509Certificate } from 'node:crypto';
import { certificateHash } from '@millrace/contracts';
import { type CertificateAndKey, testAuthority } from '@millrace/testkit/certificates';
import { beforeAll, expect, test } from 'vitest';
import { publishedForm } from '../published-form.ts';
import { errorsOf, products, read, tenants } from '../testing/written-folder.ts';

const devices = [{ tenant: 'acme', deviceUid: 'd1', productId: 'pump' }];
const before = { 'tenants.json': tenants, 'products.json': products, 'devices.json': devices };
const own = { tenant: 'acme', credentialId: 'c1', deviceUid: 'd1' };
const secrets = { hash: (secret: string) => `hash of ${secret}`, seal: (secret: string) => Buffer.from(secret) };

let authority: CertificateAndKey;
let leaf: CertificateAndKey;

beforeAll(async () => {
  const made = await testAuthority('CN=Devices');
  authority = made;
  leaf = await made.issue({ subject: 'CN=d1' });
});

test('keys and certificates of devices leave the folder as hashes only', async () => {
  const files = await read({
    ...before,
    'device-credentials.json': [
      { ...own, kind: 'key', key: 'c1.0123456789abcdef', expiresAt: '2030-01-01T00:00:00Z' },
      { ...own, credentialId: 'c2', kind: 'certificate', certificate: leaf.certificate },
    ],
  });
  const published = publishedForm('deviceCredentials', files, new Map(), secrets);
  expect(published.get('c1')).toEqual({
    ...own,
    kind: 'key',
    hash: 'hash of c1.0123456789abcdef',
    expiresAtMicros: 1_893_456_000_000_000,
  });
  expect(published.get('c2')).toEqual({
    ...own,
    credentialId: 'c2',
    kind: 'certificate',
    hash: certificateHash(new X509Certificate(leaf.certificate)),
    expiresAtMicros: null,
  });
});

test('an authority says where its certificates name their device, and an issuer which claim does', async () => {
  const files = await read({
    ...before,
    'certificate-authorities.json': [
      { tenant: 'acme', authorityId: 'own', certificate: authority.certificate, revokedSerials: ['0a'] },
    ],
    'token-issuers.json': [
      {
        tenant: 'acme',
        issuerId: 'idp',
        issuer: 'https://idp.example.com/',
        audience: 'https://ingest.example.com/acme',
        jwksUrl: 'https://idp.example.com/keys',
      },
    ],
  });
  expect(files.certificateAuthorities[0]).toMatchObject({
    deviceFrom: { field: 'commonName', pattern: '{deviceUid}' },
    revokedSerials: ['0A'],
  });
  expect(files.tokenIssuers[0]).toMatchObject({ deviceClaim: 'sub' });
});

test('what cannot be used is refused by its field', async () => {
  const issuer = { tenant: 'acme', issuer: 'https://idp', jwksUrl: 'https://idp/keys' };
  const errors = await errorsOf({
    ...before,
    'device-credentials.json': [
      { ...own, kind: 'key', key: 'other.0123456789abcdef' },
      { ...own, kind: 'key' },
      { ...own, kind: 'certificate', certificate: 'PEM' },
      { ...own, kind: 'certificate', certificate: leaf.certificate, hash: 'x'.repeat(43) },
      { ...own, kind: 'password' },
      { ...own, kind: 'certificate', key: 'c1.0123456789abcdef', certificate: leaf.certificate },
    ],
    'certificate-authorities.json': [
      { tenant: 'acme', authorityId: 'leaf', certificate: leaf.certificate },
      { tenant: 'acme', authorityId: 'two', certificate: authority.certificate + leaf.certificate },
      {
        tenant: 'acme',
        authorityId: 'nameless',
        certificate: authority.certificate,
        deviceFrom: { field: 'dns', pattern: 'devices' },
      },
    ],
    'token-issuers.json': [
      { ...issuer, issuerId: 'foreign', audience: 'https://ingest.example.com/other' },
      { ...issuer, issuerId: 'alike', audience: 'https://ingest.example.com/not-acme' },
      { ...issuer, issuerId: 'file', audience: 'acme', jwksUrl: 'file:///etc/passwd' },
    ],
  });
  expect(errors.toSorted()).toEqual([
    'certificate-authorities.json[0].certificate custom',
    'certificate-authorities.json[1].certificate custom',
    'certificate-authorities.json[2].deviceFrom.pattern invalid_format',
    'device-credentials.json[0].key custom',
    'device-credentials.json[1].hash custom',
    'device-credentials.json[2].certificate custom',
    'device-credentials.json[3].hash custom',
    'device-credentials.json[4].kind invalid_value',
    'device-credentials.json[5].kind custom',
    'token-issuers.json[0].audience custom',
    'token-issuers.json[1].audience custom',
    'token-issuers.json[2].jwksUrl invalid_format',
  ]);
});

test('a credential belongs to a device that is there, and ids are there once', async () => {
  const key = { ...own, kind: 'key', hash: 'x'.repeat(43) };
  const issuer = { tenant: 'acme', issuer: 'https://idp', audience: 'acme', jwksUrl: 'https://idp/keys' };
  expect(
    await errorsOf({
      ...before,
      'device-credentials.json': [key, { ...key, deviceUid: 'absent' }],
      'token-issuers.json': [
        { ...issuer, issuerId: 'one' },
        { ...issuer, issuerId: 'two' },
      ],
    }),
  ).toEqual([
    'device-credentials.json[1].credentialId duplicate',
    'token-issuers.json[1].audience duplicate',
    'device-credentials.json[1].deviceUid unknown_reference',
  ]);
});
