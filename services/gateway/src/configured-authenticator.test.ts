import { beforeEach, expect, test } from 'vitest';
import { Acme, apiKey, basic, hasher, refused, tenantKey } from './testing/acme.ts';

let acme: Acme;
const authenticate = (authorization?: string) => acme.authenticator.authenticate(authorization);

beforeEach(() => {
  acme = new Acme();
});

test('a device sends for itself only, with either of its passwords', () => {
  for (const password of ['old', 'new:with/colon']) {
    const sender = authenticate(basic('acme/d1', password));
    expect(sender).toMatchObject({ tenant: 'acme', deviceUid: 'd1' });
    expect(sender.refusalOf('d1')).toBeUndefined();
    expect(sender.refusalOf('off')).toBe('not_allowed');
    expect(sender.refusalOf('absent')).toBe('not_allowed');
  }
});

test('a gateway sends for the devices behind it as well, while they are active, and for no others', () => {
  acme.setDevice({ deviceUid: 'child', gatewayUid: 'd1', passwordHashes: [] });
  acme.setDevice({ deviceUid: 'grandchild', gatewayUid: 'child' });
  const sender = authenticate(basic('acme/d1', 'old'));
  expect(sender.refusalOf('child')).toBeUndefined();
  expect(sender.refusalOf('grandchild')).toBe('not_allowed');
  expect(authenticate(basic('acme/d2', 'old')).refusalOf('child')).toBe('not_allowed');
  acme.setDevice({ deviceUid: 'child', gatewayUid: 'd1', state: 'retired' });
  expect(sender.refusalOf('child')).toBe('device_retired');
  acme.setDevice({ deviceUid: 'child', gatewayUid: 'd2' });
  expect(sender.refusalOf('child')).toBe('not_allowed');
});

test('a key of the tenant sends for each of its devices that is active', () => {
  const sender = authenticate(`Bearer ${tenantKey}`);
  expect(sender).toMatchObject({ tenant: 'acme', deviceUid: null });
  expect(sender.refusalOf('d1')).toBeUndefined();
  expect(sender.refusalOf('off')).toBe('device_disabled');
  acme.setDevice({ deviceUid: 'off', state: 'registered' });
  expect(sender.refusalOf('off')).toBe('device_not_active');
  expect(sender.refusalOf('absent')).toBe('unknown_device');
});

test.each([
  ['registered', 'device_not_active'],
  ['retired', 'device_retired'],
] as const)('a %s device with a right credential is told so', (state, code) => {
  acme.setDevice({ deviceUid: 'd2', state });
  expect(() => authenticate(basic('acme/d2', 'old'))).toThrow(refused(code));
  expect(() => authenticate(basic('acme/d2', 'wrong'))).toThrow(refused('unauthenticated'));
});

test.each([
  ['nothing', undefined, 'unauthenticated'],
  ['a wrong password', basic('acme/d1', 'wrong'), 'unauthenticated'],
  ['an unknown device', basic('acme/absent', 'old'), 'unauthenticated'],
  ['a device of another tenant', basic('other/d1', 'old'), 'unauthenticated'],
  ['a disabled device', basic('acme/off', 'old'), 'device_disabled'],
  ['a disabled device with a wrong password', basic('acme/off', 'wrong'), 'unauthenticated'],
  ['a wrong key', 'Bearer k1.0123456789abcdeX', 'unauthenticated'],
  ['an unknown key', 'Bearer k2.0123456789abcdef', 'unauthenticated'],
  ['a Bearer that is no key', 'Bearer k1', 'unauthenticated'],
])('%s is refused', (_, authorization, code) => {
  expect(() => authenticate(authorization)).toThrow(refused(code));
});

test('a key without the scope ingest is refused', () => {
  acme.configuration.apply('apiKeys', 'k1', { ...apiKey, scopes: ['read'] });
  expect(() => authenticate(`Bearer ${tenantKey}`)).toThrow(refused('not_allowed'));
});

test('a key that was right a moment ago is refused once it has expired', async () => {
  acme.configuration.apply('apiKeys', 'k1', { ...apiKey, expiresAtMicros: 60_000_000 });
  authenticate(`Bearer ${tenantKey}`);
  await acme.clock.advance(60_000);
  expect(() => authenticate(`Bearer ${tenantKey}`)).toThrow(refused('unauthenticated'));
});

test('a credential is checked once until the configuration changes', () => {
  const authorization = basic('acme/d1', 'old');
  const sender = authenticate(authorization);
  expect(authenticate(authorization)).toBe(sender);
  acme.setDevice({ passwordHashes: [] });
  expect(() => authenticate(authorization)).toThrow(refused('unauthenticated'));
});

const key = 'c1.0123456789abcdef';

test('a key of a device sends for this device alone, until it ends', async () => {
  acme.setCredential({ kind: 'key', hash: hasher.hash(key), expiresAtMicros: 60_000_000 });
  const sender = authenticate(`Bearer ${key}`);
  expect(sender).toMatchObject({ tenant: 'acme', deviceUid: 'd1' });
  expect(sender.refusalOf('d2')).toBe('not_allowed');
  await acme.clock.advance(60_000);
  expect(() => authenticate(`Bearer ${key}`)).toThrow(refused('unauthenticated'));
});

test.each([
  ['wrong', { kind: 'key', hash: hasher.hash('c1.0123456789abcdeX') }, 'unauthenticated'],
  ['of a device that vanished', { kind: 'key', hash: hasher.hash(key), deviceUid: 'absent' }, 'unauthenticated'],
  ['of a disabled device', { kind: 'key', hash: hasher.hash(key), deviceUid: 'off' }, 'device_disabled'],
  ['the hash of a certificate', { kind: 'certificate', hash: hasher.hash(key) }, 'unauthenticated'],
])('a device key that is %s is refused', (_, credential, code) => {
  acme.setCredential(credential);
  expect(() => authenticate(`Bearer ${key}`)).toThrow(refused(code));
});

test('a device key ends at once when it is taken back', () => {
  acme.setCredential({ kind: 'key', hash: hasher.hash(key) });
  authenticate(`Bearer ${key}`);
  acme.configuration.apply('deviceCredentials', 'c1', null);
  expect(() => authenticate(`Bearer ${key}`)).toThrow(refused('unauthenticated'));
});

test.each([
  ['suspended', 'tenant_suspended'],
  ['deleted', 'unauthenticated'],
])('of a tenant that is %s the right credentials are %s, at once and until it is active again', (state, code) => {
  const deviceKey = 'c1.0123456789abcdef';
  acme.setCredential({ kind: 'key', hash: hasher.hash(deviceKey) });
  const credentials = [basic('acme/d1', 'old'), `Bearer ${tenantKey}`, `Bearer ${deviceKey}`];
  for (const credential of credentials) authenticate(credential);
  acme.setTenant(state);
  for (const credential of credentials) expect(() => authenticate(credential)).toThrow(refused(code));
  acme.setTenant('active');
  for (const credential of credentials) expect(authenticate(credential).tenant).toBe('acme');
});

test('whether a tenant is suspended is told to those with a credential only', () => {
  acme.setTenant('suspended');
  for (const credential of [basic('acme/d1', 'wrong'), 'Bearer k1.0123456789abcdeX'])
    expect(() => authenticate(credential)).toThrow(refused('unauthenticated'));
});
