import { randomBytes } from 'node:crypto';
import { open, SecretKey } from '@millrace/auth';
import { expect, test } from 'vitest';
import { KeyedSecretKeeper } from './secret-keeper.ts';

const key = new SecretKey(randomBytes(32));
const keeper = new KeyedSecretKeeper(key);

test('a sealed secret opens for its purpose and stays the same while the secret does', () => {
  const sealed = keeper.seal('water', 'connection a/b password', null);
  expect(open(key.derive('sealed-secrets'), sealed, 'connection a/b password').toString()).toBe('water');
  expect(keeper.seal('water', 'connection a/b password', sealed)).toBe(sealed);
});

test('another secret, purpose or key is sealed anew', () => {
  const sealed = keeper.seal('water', 'here', null);
  expect(keeper.seal('wine', 'here', sealed)).not.toEqual(sealed);
  expect(keeper.seal('water', 'there', sealed)).not.toEqual(sealed);
  expect(new KeyedSecretKeeper(new SecretKey(randomBytes(32))).seal('water', 'here', sealed)).not.toEqual(sealed);
});
