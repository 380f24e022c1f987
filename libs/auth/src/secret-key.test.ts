import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { SecretKey } from './secret-key.ts';

const hex = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff';

test('hex and base64url name the same key', () => {
  const base64url = Buffer.from(hex, 'hex').toString('base64url');
  const keys = [hex, hex.toUpperCase(), base64url].map((text) => SecretKey.fromEnvironment(text));
  const derived = keys.map((key) => key.derive('credential-hashes').toString('hex'));
  expect(new Set(derived).size).toBe(1);
});

test('a derived key never changes: hashes made long ago must still match', () => {
  // Computed apart with Python's hmac and hashlib after RFC 5869.
  const golden = '9620046a4451a90ebe88bbc61d036729b8050d3fdde3d2335a3c22484db46560';
  expect(SecretKey.fromEnvironment(hex).derive('credential-hashes').toString('hex')).toBe(golden);
});

test('each purpose has a key of its own', () => {
  const key = SecretKey.fromEnvironment(hex);
  expect(key.derive('credential-hashes')).not.toEqual(key.derive('sealed-secrets'));
});

test.each(['', 'secret', hex.slice(1), `${hex}0`, `${hex} `, 'g'.repeat(64)])('"%s" is not a key', (text) => {
  expect(() => SecretKey.fromEnvironment(text)).toThrow('MILLRACE_SECRET_KEY is not a key. Give 32 random bytes');
});

test('printing a key shows nothing of it', () => {
  const key = SecretKey.fromEnvironment(hex);
  expect(inspect(key, { showHidden: true, depth: 9 }) + JSON.stringify(key)).not.toMatch(/00.?11.?22|ABEiM/);
});
