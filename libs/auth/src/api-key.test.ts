import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { endOfKeyMs, generateKey, keyIdOf, type StoredKey } from './api-key.ts';
import { parseAuthorization } from './authorization.ts';
import { CredentialHasher } from './credential-hasher.ts';
import { SecretKey } from './secret-key.ts';

test('a generated key names its id and passes as a bearer token', () => {
  const key = generateKey();
  expect(key).toMatch(/^[A-Za-z0-9_-]{12}\.[A-Za-z0-9_-]{43}$/);
  expect(keyIdOf(key)).toBe(key.slice(0, 12));
  expect(parseAuthorization(`Bearer ${key}`)).toEqual({ kind: 'bearer', token: key });
});

test('no two keys are alike', () => {
  expect(new Set(Array.from({ length: 100 }, generateKey)).size).toBe(100);
});

test.each(['', 'abc', '.abcdefghijklmnop', 'id.', 'id.short', 'id.abcdefghijklmnop.more', 'i d.abcdefghijklmnop'])(
  '"%s" is not a key',
  (text) => {
    expect(keyIdOf(text)).toBeUndefined();
  },
);

const hasher = new CredentialHasher(new SecretKey(randomBytes(32)));
const [now, before] = [generateKey('k1'), generateKey('k1')];
const stored: StoredKey = { hash: hasher.hash(now), expiresAtMicros: null };

test('a key opens until it ends, another never', () => {
  expect(endOfKeyMs(now, stored, hasher, 0)).toBe(Infinity);
  expect(endOfKeyMs(now, { ...stored, expiresAtMicros: 5_000_000 }, hasher, 4_999)).toBe(5_000);
  expect(endOfKeyMs(now, { ...stored, expiresAtMicros: 5_000_000 }, hasher, 5_000)).toBeUndefined();
  expect(endOfKeyMs(before, stored, hasher, 0)).toBeUndefined();
  expect(endOfKeyMs(now, undefined, hasher, 0)).toBeUndefined();
});

test('the secret before a rotation opens until the overlap is over, and no longer than the key', () => {
  const rotated = { ...stored, previousHash: hasher.hash(before), previousUntilMicros: 3_000_000 };
  expect(endOfKeyMs(before, rotated, hasher, 0)).toBe(3_000);
  expect(endOfKeyMs(before, rotated, hasher, 3_000)).toBeUndefined();
  expect(endOfKeyMs(now, rotated, hasher, 3_000)).toBe(Infinity);
  expect(endOfKeyMs(before, { ...rotated, expiresAtMicros: 2_000_000 }, hasher, 0)).toBe(2_000);
});
