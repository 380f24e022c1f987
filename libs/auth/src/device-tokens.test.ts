import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keyIdOf } from './api-key.ts';
import { parseAuthorization } from './authorization.ts';
import { DeviceTokens, looksLikeDeviceToken } from './device-tokens.ts';
import { SecretKey } from './secret-key.ts';

const lifetimes = { accessSeconds: 3_600, refreshSeconds: 10_000 };
const secret = new SecretKey(randomBytes(32));
const tokens = new DeviceTokens(secret, lifetimes);
const nowMs = Date.UTC(2026, 2, 1);
const granted = tokens.grant('acme', 'd1', 'hash', nowMs);

const tenant = fc.stringMatching(/^[a-z][a-z0-9_]{1,31}$/);
const deviceUid = fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/);

test('a token says whose it is, until its time is over, and travels as a bearer token that is no key', () => {
  fc.assert(
    fc.property(tenant, deviceUid, fc.string(), (ofTenant, ofDevice, hash) => {
      const { accessToken, accessExpiresIn, refreshToken } = tokens.grant(ofTenant, ofDevice, hash, nowMs);
      expect(parseAuthorization(`Bearer ${accessToken}`)).toEqual({ kind: 'bearer', token: accessToken });
      expect(keyIdOf(accessToken)).toBeUndefined();
      expect(accessExpiresIn).toBe(3_600);
      const names = { tenant: ofTenant, deviceUid: ofDevice };
      expect(tokens.read('access', accessToken, nowMs)).toMatchObject(names);
      expect(tokens.read('access', accessToken, nowMs + 3_599_999)).toMatchObject(names);
      expect(tokens.read('access', accessToken, nowMs + 3_600_000)).toBeUndefined();
      expect(tokens.read('refresh', refreshToken, nowMs + 9_999_999)).toMatchObject(names);
      expect(tokens.read('refresh', refreshToken, nowMs + 10_000_000)).toBeUndefined();
    }),
  );
});

test('a single changed letter, wherever, makes it nobody\u2019s', () => {
  const { accessToken } = granted;
  for (let place = 0; place < accessToken.length; place += 1)
    for (const letter of ['A', 'B', '.', '-']) {
      if (accessToken[place] === letter) continue;
      const changed = accessToken.slice(0, place) + letter + accessToken.slice(place + 1);
      expect(tokens.read('access', changed, nowMs), `${letter} at ${place}`).toBeUndefined();
    }
});

test('no text makes it throw, and none is a token', () => {
  const part = fc.stringMatching(/^[A-Za-z0-9_-]{0,60}$/);
  const alike = fc.tuple(fc.constantFrom('a', 'r', 'x'), part, part).map((parts) => parts.join('.'));
  fc.assert(
    fc.property(fc.oneof(fc.string(), alike), (text) => {
      expect(tokens.read('access', text, nowMs)).toBeUndefined();
      expect(tokens.read('refresh', text, nowMs)).toBeUndefined();
    }),
  );
});

test('a refresh token opens nothing, and an access token refreshes nothing', () => {
  expect(tokens.read('access', granted.refreshToken, nowMs)).toBeUndefined();
  expect(tokens.read('refresh', granted.accessToken, nowMs)).toBeUndefined();
  expect(looksLikeDeviceToken(granted.refreshToken)).toBe(true);
});

test('a token of another installation is nobody\u2019s', () => {
  const others = new DeviceTokens(new SecretKey(randomBytes(32)), lifetimes);
  expect(others.read('access', granted.accessToken, nowMs)).toBeUndefined();
});

test('a token dies with the password it was got with, and outlives the other one', () => {
  const token = tokens.read('access', granted.accessToken, nowMs)!;
  expect(tokens.isMarkedBy(token, ['other', 'hash'])).toBe(true);
  expect(tokens.isMarkedBy(token, ['other'])).toBe(false);
  expect(tokens.isMarkedBy(token, [])).toBe(false);
});

test('refreshing does not move the end: the password is asked for again', () => {
  const lateMs = nowMs + 9_000_000;
  const refreshed = tokens.refresh(granted.refreshToken, tokens.read('refresh', granted.refreshToken, lateMs)!, lateMs);
  expect(refreshed).toMatchObject({
    refreshToken: granted.refreshToken,
    refreshExpiresIn: 1_000,
    accessExpiresIn: 1_000,
  });
  const token = tokens.read('access', refreshed.accessToken, lateMs)!;
  expect(tokens.isMarkedBy(token, ['hash'])).toBe(true);
});
