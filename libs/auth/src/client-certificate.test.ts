import { X509Certificate } from 'node:crypto';
import { certificateHash } from '@millrace/contracts';
import { type CertificateWish, type TestAuthority, testAuthority } from '@millrace/testkit/certificates';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { deviceUidOf, type TrustedAuthority } from './client-certificate.ts';

const hourMs = 3_600_000;
const nowMs = Date.now();
let acme: TestAuthority;
let other: TestAuthority;

beforeAll(async () => {
  acme = await testAuthority('CN=Acme devices');
  other = await testAuthority('CN=Acme devices');
});

const trusting = (rest: Partial<TrustedAuthority> = {}): TrustedAuthority => ({
  certificate: acme.certificate,
  deviceFrom: { field: 'commonName', pattern: '{deviceUid}' },
  revokedSerials: [],
  ...rest,
});

const issued = async (wish: CertificateWish): Promise<X509Certificate> =>
  new X509Certificate((await acme.issue(wish)).certificate);

test('a certificate of the authority speaks for the device that it names', async () => {
  expect(deviceUidOf(await issued({ subject: 'CN=d1,O=Acme' }), trusting(), nowMs)).toBe('d1');
  expect(deviceUidOf(await issued({ subject: 'CN=d1', use: 'client' }), trusting(), nowMs)).toBe('d1');
});

test.each([
  ['dns', '{deviceUid}.devices.acme', [{ type: 'dns', value: 'd1.devices.acme' }], 'd1'],
  ['uri', 'urn:acme:{deviceUid}', [{ type: 'url', value: 'urn:acme:d1' }], 'd1'],
  ['uri', 'urn:acme:{deviceUid}', [{ type: 'url', value: 'urn:other:d1' }], undefined],
  ['uri', 'urn:acme:{deviceUid}', [{ type: 'dns', value: 'urn:acme:d1' }], undefined],
  [
    'uri',
    'urn:{deviceUid}',
    [
      { type: 'url', value: 'https://x' },
      { type: 'url', value: 'urn:d1' },
    ],
    'd1',
  ],
  [
    'uri',
    'urn:{deviceUid}',
    [
      { type: 'url', value: 'urn:d2' },
      { type: 'url', value: 'urn:d1' },
    ],
    undefined,
  ],
  ['dns', '{deviceUid}', [{ type: 'dns', value: 'x, DNS:d1' }], undefined],
  ['dns', '{deviceUid}', [], undefined],
  ['email', '{deviceUid}', [{ type: 'email', value: 'd1' }], undefined],
] as const)('field %s with %s of %j is %s', async (field, pattern, names, deviceUid) => {
  const peer = await issued({ subject: 'CN=cn', names });
  expect(deviceUidOf(peer, trusting({ deviceFrom: { field, pattern } }), nowMs)).toBe(deviceUid);
});

test.each<[string, CertificateWish]>([
  ['has expired', { notBefore: new Date(nowMs - 2 * hourMs), notAfter: new Date(nowMs - hourMs) }],
  ['is not valid yet', { notBefore: new Date(nowMs + hourMs) }],
  ['is for servers', { use: 'server' }],
  ['is an authority itself', { ca: true }],
  ['is of another authority by its own account', { issuer: 'CN=Other devices' }],
  ['is signed in a way that can be forged', { hash: 'SHA-1' }],
  ['is revoked', { serialNumber: '0a0b0c' }],
  ['names two devices', { subject: 'CN=d1,CN=d2' }],
  ['names no device', { subject: 'O=Acme' }],
  ['names what cannot be a device', { subject: 'CN=d 1' }],
])('a certificate that %s speaks for nobody', async (_, wish) => {
  const peer = await issued({ subject: 'CN=d1', ...wish });
  expect(deviceUidOf(peer, trusting({ revokedSerials: ['01', 'A0B0C'] }), nowMs)).toBeUndefined();
});

test('a certificate of an authority of the same name, or signed by itself, speaks for nobody', async () => {
  for (const { certificate } of [
    await other.issue({ subject: 'CN=d1' }),
    await testAuthority('CN=d1', { ca: false }),
    await testAuthority('CN=Acme devices', { ca: false }),
  ])
    expect(deviceUidOf(new X509Certificate(certificate), trusting(), nowMs)).toBeUndefined();
});

test('an authority that has expired, is none, or cannot be read vouches for nobody', async () => {
  const peer = await issued({ subject: 'CN=d1' });
  expect(deviceUidOf(peer, trusting(), nowMs + 2 * hourMs)).toBeUndefined();
  const brief = await testAuthority('CN=Brief', { notAfter: new Date(nowMs + 1000) });
  const longer = new X509Certificate((await brief.issue({ subject: 'CN=d1' })).certificate);
  const byBrief = trusting({ certificate: brief.certificate });
  expect(deviceUidOf(longer, byBrief, nowMs)).toBe('d1');
  expect(deviceUidOf(longer, byBrief, nowMs + 2000)).toBeUndefined();
  const none = await testAuthority('CN=None', { ca: false });
  const byNone = new X509Certificate((await none.issue({ subject: 'CN=d1' })).certificate);
  expect(deviceUidOf(byNone, trusting({ certificate: none.certificate }), nowMs)).toBeUndefined();
  expect(deviceUidOf(peer, trusting({ certificate: 'PEM' }), nowMs)).toBeUndefined();
});

test('whatever stands around it in the pattern, the device in its place is found, and nothing else', async () => {
  const peer = await issued({ subject: 'CN=left-d1-right' });
  const affix = fc.constantFrom('', 'left', 'left-', '-right', 'right', 'd1', 'left-d1-right', '{', '}');
  fc.assert(
    fc.property(affix, affix, (before, after) => {
      const deviceFrom = { field: 'commonName', pattern: `${before}{deviceUid}${after}` };
      const found = deviceUidOf(peer, trusting({ deviceFrom }), nowMs);
      if (found === undefined) expect(`${before}x${after}`).not.toMatch(/^(left-?)?x(-?right)?$/);
      else expect(before + found + after).toBe('left-d1-right');
    }),
  );
});

test('a hash is that of one certificate', async () => {
  const [one, another] = [await issued({ subject: 'CN=d1' }), await issued({ subject: 'CN=d1' })];
  expect(certificateHash(one)).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(certificateHash(one)).toBe(Buffer.from(one.fingerprint256.replaceAll(':', ''), 'hex').toString('base64url'));
  expect(certificateHash(another)).not.toBe(certificateHash(one));
});
