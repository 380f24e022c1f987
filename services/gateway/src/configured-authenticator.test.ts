import { randomBytes } from 'node:crypto';
import { CredentialHasher, SecretKey } from '@millrace/auth';
import { Configuration } from '@millrace/config';
import type { ApiKeyConfig, DeviceConfig, TenantConfig } from '@millrace/contracts';
import { ManualClock } from '@millrace/testkit';
import { beforeEach, expect, test } from 'vitest';
import { ConfiguredAuthenticator } from './configured-authenticator.ts';

const hasher = new CredentialHasher(new SecretKey(randomBytes(32)));
const token = 'k1.0123456789abcdef';
const device: DeviceConfig = {
  tenant: 'acme',
  deviceUid: 'd1',
  identificationCode: null,
  productId: 'pump',
  name: '',
  state: 'active',
  attributes: {},
  passwordHashes: [hasher.hash('old'), hasher.hash('new:with/colon')],
};
const apiKey: ApiKeyConfig = {
  tenant: 'acme',
  keyId: 'k1',
  hash: hasher.hash(token),
  scopes: ['ingest'],
  expiresAtMicros: 60_000_000,
};
const basic = (user: string, password: string): string => `Basic ${btoa(`${user}:${password}`)}`;

const tenantOf = (state: string): TenantConfig => ({
  tenant: 'acme',
  name: '',
  retentionClass: '90d',
  ownTable: false,
  state,
  quotas: null,
});

let configuration: Configuration;
let clock: ManualClock;
let authenticator: ConfiguredAuthenticator;

beforeEach(() => {
  configuration = new Configuration();
  configuration.apply('devices', 'acme/d1', device);
  configuration.apply('devices', 'acme/off', { ...device, deviceUid: 'off', state: 'disabled' });
  configuration.apply('apiKeys', 'k1', apiKey);
  clock = new ManualClock();
  authenticator = new ConfiguredAuthenticator(configuration, hasher, clock);
});

test('a device sends for itself only, with either of its passwords', () => {
  for (const password of ['old', 'new:with/colon']) {
    const sender = authenticator.authenticate(basic('acme/d1', password));
    expect(sender).toMatchObject({ tenant: 'acme', deviceUid: 'd1' });
    expect(sender.refusalOf('d1')).toBeUndefined();
    expect(sender.refusalOf('off')).toBe('not_allowed');
    expect(sender.refusalOf('absent')).toBe('not_allowed');
  }
});

test('a key of the tenant sends for each of its devices that is not disabled', () => {
  const sender = authenticator.authenticate(`Bearer ${token}`);
  expect(sender).toMatchObject({ tenant: 'acme', deviceUid: null });
  expect(sender.refusalOf('d1')).toBeUndefined();
  expect(sender.refusalOf('off')).toBe('device_disabled');
  expect(sender.refusalOf('absent')).toBe('unknown_device');
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
  expect(() => authenticator.authenticate(authorization)).toThrow(expect.objectContaining({ code }));
});

test('a key without the scope ingest is refused', () => {
  configuration.apply('apiKeys', 'k1', { ...apiKey, scopes: ['read'] });
  expect(() => authenticator.authenticate(`Bearer ${token}`)).toThrow(expect.objectContaining({ code: 'not_allowed' }));
});

test('a key that was right a moment ago is refused once it has expired', async () => {
  authenticator.authenticate(`Bearer ${token}`);
  await clock.advance(60_000);
  expect(() => authenticator.authenticate(`Bearer ${token}`)).toThrow(
    expect.objectContaining({ code: 'unauthenticated' }),
  );
});

test('a credential is checked once until the configuration changes', () => {
  const authorization = basic('acme/d1', 'old');
  const sender = authenticator.authenticate(authorization);
  expect(authenticator.authenticate(authorization)).toBe(sender);
  configuration.apply('devices', 'acme/d1', { ...device, passwordHashes: [] });
  expect(() => authenticator.authenticate(authorization)).toThrow(expect.objectContaining({ code: 'unauthenticated' }));
});

test.each([
  ['suspended', 'tenant_suspended'],
  ['deleted', 'unauthenticated'],
])('of a tenant that is %s the right credentials are %s, at once and until it is active again', (state, code) => {
  const credentials = [basic('acme/d1', 'old'), `Bearer ${token}`];
  for (const credential of credentials) authenticator.authenticate(credential);
  configuration.apply('tenants', 'acme', tenantOf(state));
  for (const credential of credentials)
    expect(() => authenticator.authenticate(credential)).toThrow(expect.objectContaining({ code }));
  configuration.apply('tenants', 'acme', tenantOf('active'));
  for (const credential of credentials) expect(authenticator.authenticate(credential).tenant).toBe('acme');
});

test('whether a tenant is suspended is told to those with a credential only', () => {
  configuration.apply('tenants', 'acme', tenantOf('suspended'));
  for (const credential of [basic('acme/d1', 'wrong'), 'Bearer k1.0123456789abcdeX'])
    expect(() => authenticator.authenticate(credential)).toThrow(expect.objectContaining({ code: 'unauthenticated' }));
});
