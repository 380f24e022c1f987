import { beforeEach, expect, test } from 'vitest';
import { Acme, basic, device, hasher, refused, tenantKey } from './testing/acme.ts';

let acme: Acme;

beforeEach(() => {
  acme = new Acme();
});

const tokensOf = (password: string) => acme.desk.byPassword(basic('acme/d1', password));
const bearer = (accessToken: string) => acme.authenticator.authenticate(`Bearer ${accessToken}`);

test('a token speaks for its device until its time is over, and a refresh token is good for another one', async () => {
  const { accessToken, refreshToken } = tokensOf('old');
  expect(bearer(accessToken)).toMatchObject({ tenant: 'acme', deviceUid: 'd1' });
  expect(bearer(accessToken).refusalOf('off')).toBe('not_allowed');
  await acme.clock.advance(60_000);
  expect(() => bearer(accessToken)).toThrow(refused('unauthenticated'));
  expect(bearer(acme.desk.byRefreshToken(refreshToken).accessToken)).toMatchObject({ deviceUid: 'd1' });
  await acme.clock.advance(540_000);
  expect(() => acme.desk.byRefreshToken(refreshToken)).toThrow(refused('unauthenticated'));
});

test('a refresh token sends nothing, and an access token refreshes nothing', () => {
  const { accessToken, refreshToken } = tokensOf('old');
  expect(() => bearer(refreshToken)).toThrow(refused('unauthenticated'));
  expect(() => acme.desk.byRefreshToken(accessToken)).toThrow(refused('unauthenticated'));
});

test.each([
  ['the device is disabled', { state: 'disabled' }, 'device_disabled'],
  ['its password is replaced', { passwordHashes: [hasher.hash('another')] }, 'unauthenticated'],
] as const)('tokens end at once when %s', (_, change, code) => {
  const { accessToken, refreshToken } = tokensOf('old');
  bearer(accessToken);
  acme.setDevice(change);
  expect(() => bearer(accessToken)).toThrow(refused(code));
  expect(() => acme.desk.byRefreshToken(refreshToken)).toThrow(refused(code));
});

test('tokens end at once when the device vanishes', () => {
  const { accessToken, refreshToken } = tokensOf('old');
  acme.configuration.apply('devices', 'acme/d1', null);
  expect(() => bearer(accessToken)).toThrow(refused('unauthenticated'));
  expect(() => acme.desk.byRefreshToken(refreshToken)).toThrow(refused('unauthenticated'));
});

test('a rotation of the password spares the tokens of the one that stays', () => {
  const [old, fresh] = [tokensOf('old'), tokensOf('new:with/colon')];
  acme.setDevice({ passwordHashes: device.passwordHashes.slice(1) });
  expect(() => bearer(old.accessToken)).toThrow(refused('unauthenticated'));
  expect(bearer(fresh.accessToken)).toMatchObject({ deviceUid: 'd1' });
});

test.each([
  ['a wrong password', basic('acme/d1', 'wrong'), 'unauthenticated'],
  ['an unknown device', basic('acme/absent', 'old'), 'unauthenticated'],
  ['a disabled device', basic('acme/off', 'old'), 'device_disabled'],
  ['a key of the tenant', `Bearer ${tenantKey}`, 'unauthenticated'],
])('there are no tokens for %s', (_, authorization, code) => {
  expect(() => acme.desk.byPassword(authorization)).toThrow(refused(code));
});
