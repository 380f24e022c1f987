import { randomBytes } from 'node:crypto';
import { SecretKey } from '@millrace/auth';
import { connectionPasswordPurpose } from '@millrace/config';
import type { ConnectionConfig } from '@millrace/contracts';
import { expect, test } from 'vitest';
import { PasswordKeeper } from './password-keeper.ts';

const keeper = new PasswordKeeper(new SecretKey(randomBytes(32)));
const connection = (connectionId: string, passwordSealed: Buffer | null) =>
  ({ tenant: 'acme', connectionId, passwordSealed }) as ConnectionConfig;
const purpose = connectionPasswordPurpose({ tenant: 'acme', connectionId: 'a' });

test('a sealed password opens for its connection, and not for another one', () => {
  const sealed = keeper.seal('water', purpose, null);
  expect(sealed.toString('latin1')).not.toContain('water');
  expect(keeper.passwordOf(connection('a', sealed))).toBe('water');
  expect(() => keeper.passwordOf(connection('b', sealed))).toThrow('does not open');
  expect(keeper.passwordOf(connection('a', null))).toBeNull();
});

test('the same password stays as it was published; another one, or one under another key, is sealed anew', () => {
  const sealed = keeper.seal('water', purpose, null);
  expect(keeper.seal('water', purpose, sealed)).toBe(sealed);
  expect(keeper.seal('wine', purpose, sealed)).not.toEqual(sealed);
  expect(new PasswordKeeper(new SecretKey(randomBytes(32))).seal('water', purpose, sealed)).not.toEqual(sealed);
});
