import { randomBytes } from 'node:crypto';
import { CredentialHasher, DeviceTokens, SecretKey } from '@millrace/auth';
import { Configuration } from '@millrace/config';
import type { ApiKeyConfig, DeviceConfig } from '@millrace/contracts';
import { ManualClock } from '@millrace/testkit';
import { beforeEach, expect, test } from 'vitest';
import { ConfiguredAuthenticator } from './configured-authenticator.ts';
import { ConfiguredTokenDesk } from './configured-token-desk.ts';
import { CredentialCheck } from './credential-check.ts';

const secretKey = new SecretKey(randomBytes(32));
const hasher = new CredentialHasher(secretKey);
const tokens = new DeviceTokens(secretKey, { accessSeconds: 60, refreshSeconds: 600 });
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

let configuration: Configuration;
let clock: ManualClock;
let authenticator: ConfiguredAuthenticator;
let desk: ConfiguredTokenDesk;

beforeEach(() => {
  configuration = new Configuration();
  configuration.apply('devices', 'acme/d1', device);
  configuration.apply('devices', 'acme/off', { ...device, deviceUid: 'off', state: 'disabled' });
  configuration.apply('apiKeys', 'k1', apiKey);
  clock = new ManualClock();
  const parts = { configuration, hasher, tokens, clock };
  const credentials = new CredentialCheck(parts);
  authenticator = new ConfiguredAuthenticator(configuration, credentials, clock);
  desk = new ConfiguredTokenDesk(credentials, parts);
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

const tokensOf = (password: string) => desk.byPassword(basic('acme/d1', password));
const bearer = (accessToken: string) => authenticator.authenticate(`Bearer ${accessToken}`);
const refused = (code: string) => expect.objectContaining({ code });

test('a token speaks for its device until its time is over, and a refresh token is good for another one', async () => {
  const { accessToken, refreshToken } = tokensOf('old');
  expect(bearer(accessToken)).toMatchObject({ tenant: 'acme', deviceUid: 'd1' });
  expect(bearer(accessToken).refusalOf('off')).toBe('not_allowed');
  await clock.advance(60_000);
  expect(() => bearer(accessToken)).toThrow(refused('unauthenticated'));
  expect(bearer(desk.byRefreshToken(refreshToken).accessToken)).toMatchObject({ deviceUid: 'd1' });
  await clock.advance(540_000);
  expect(() => desk.byRefreshToken(refreshToken)).toThrow(refused('unauthenticated'));
});

test('a refresh token sends nothing, and an access token refreshes nothing', () => {
  const { accessToken, refreshToken } = tokensOf('old');
  expect(() => bearer(refreshToken)).toThrow(refused('unauthenticated'));
  expect(() => desk.byRefreshToken(accessToken)).toThrow(refused('unauthenticated'));
});

test.each([
  ['the device is disabled', { state: 'disabled' }, 'device_disabled'],
  ['its password is replaced', { passwordHashes: [hasher.hash('another')] }, 'unauthenticated'],
] as const)('tokens end at once when %s', (_, change, code) => {
  const { accessToken, refreshToken } = tokensOf('old');
  bearer(accessToken);
  configuration.apply('devices', 'acme/d1', { ...device, ...change });
  expect(() => bearer(accessToken)).toThrow(refused(code));
  expect(() => desk.byRefreshToken(refreshToken)).toThrow(refused(code));
});

test('tokens end at once when the device vanishes', () => {
  const { accessToken, refreshToken } = tokensOf('old');
  configuration.apply('devices', 'acme/d1', null);
  expect(() => bearer(accessToken)).toThrow(refused('unauthenticated'));
  expect(() => desk.byRefreshToken(refreshToken)).toThrow(refused('unauthenticated'));
});

test('a rotation of the password spares the tokens of the one that stays', () => {
  const [old, fresh] = [tokensOf('old'), tokensOf('new:with/colon')];
  configuration.apply('devices', 'acme/d1', { ...device, passwordHashes: device.passwordHashes.slice(1) });
  expect(() => bearer(old.accessToken)).toThrow(refused('unauthenticated'));
  expect(bearer(fresh.accessToken)).toMatchObject({ deviceUid: 'd1' });
});

test.each([
  ['a wrong password', basic('acme/d1', 'wrong'), 'unauthenticated'],
  ['an unknown device', basic('acme/absent', 'old'), 'unauthenticated'],
  ['a disabled device', basic('acme/off', 'old'), 'device_disabled'],
  ['a key of the tenant', `Bearer ${token}`, 'unauthenticated'],
])('there are no tokens for %s', (_, authorization, code) => {
  expect(() => desk.byPassword(authorization)).toThrow(refused(code));
});
