import { expect, test } from 'vitest';
import { generateKey, keyIdOf } from './api-key.ts';
import { parseAuthorization } from './authorization.ts';

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
