import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { KeyedSecrets } from './keyed-secrets.ts';
import { SecretKey } from './secret-key.ts';

const newSecrets = () => new KeyedSecrets(new SecretKey(randomBytes(32)));
const secrets = newSecrets();

test('a sealed secret cannot be read, and opens for its purpose alone', () => {
  const sealed = secrets.seal('water', 'connection a/b password', null);
  expect(sealed.toString('latin1')).not.toContain('water');
  expect(secrets.open(sealed, 'connection a/b password')).toBe('water');
  expect(() => secrets.open(sealed, 'connection a/c password')).toThrow('does not open');
});

test('an unchanged secret stays as it was published', () => {
  const sealed = secrets.seal('water', 'here', null);
  expect(secrets.seal('water', 'here', sealed)).toBe(sealed);
});

test('another secret, purpose or key is sealed anew', () => {
  const sealed = secrets.seal('water', 'here', null);
  expect(secrets.seal('wine', 'here', sealed)).not.toEqual(sealed);
  expect(secrets.seal('water', 'there', sealed)).not.toEqual(sealed);
  expect(newSecrets().seal('water', 'here', sealed)).not.toEqual(sealed);
});
