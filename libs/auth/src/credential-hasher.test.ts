import { anyText } from '@millrace/testkit/any-text';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CredentialHasher } from './credential-hasher.ts';
import { SecretKey } from './secret-key.ts';

const hasher = new CredentialHasher(new SecretKey(Buffer.alloc(32, 7)));
const other = new CredentialHasher(new SecretKey(Buffer.alloc(32, 8)));

test('a credential matches its own hash and no other', () => {
  fc.assert(
    fc.property(anyText, anyText, (credential, guess) => {
      const hash = hasher.hash(credential);
      expect(hash).toMatch(/^[A-Za-z0-9_-]{43}$/);
      expect(hasher.matches(credential, [hash])).toBe(true);
      expect(hasher.matches(guess, [hash])).toBe(guess === credential);
    }),
  );
});

test('both credentials are valid during a rotation', () => {
  const hashes = [hasher.hash('old'), hasher.hash('new')];
  expect(['old', 'new', 'older'].map((credential) => hasher.matches(credential, hashes))).toEqual([true, true, false]);
});

test('a hash is worth nothing under another key', () => {
  expect(other.matches('credential', [hasher.hash('credential')])).toBe(false);
});

test('a list that is empty or holds no hashes matches nothing', () => {
  expect(hasher.matches('', [])).toBe(false);
  expect(hasher.matches('', ['', 'not a hash', 'AAAA'])).toBe(false);
});
