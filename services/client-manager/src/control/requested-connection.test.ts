import { randomBytes } from 'node:crypto';
import { KeyedSecrets, SecretKey } from '@millrace/auth';
import type { ConnectionConfig } from '@millrace/contracts';
import { expect, test } from 'vitest';
import { requestedConnection } from './requested-connection.ts';
import { plant } from './testing/plant.ts';

const secrets = new KeyedSecrets(new SecretKey(randomBytes(32)));

/** What is undefined is not named. */
function requested(asked: object, before?: ConnectionConfig): ConnectionConfig {
  const body: unknown = JSON.parse(JSON.stringify(asked));
  return requestedConnection('acme', body, body, before, { all: () => new Map() }, secrets);
}

const secured = (url: string, more: object = {}): object => plant('plant', { url, ...more });
const before = requested(secured('mqtts://broker.example:8883'));

test('a secret stays as long as it goes to the same server over the same protocol', () => {
  const withoutPassword = secured('mqtts://broker.example:8883', { password: undefined, clientId: 'another' });
  expect(requested(withoutPassword, before).passwordSealed).toEqual(before.passwordSealed);
});

test.each(['mqtt://broker.example:8883', 'mqtts://other.example:8883', 'mqtts://broker.example:8884'])(
  'a secret is asked for anew before it goes to %s',
  (url) => {
    expect(() => requested(secured(url, { password: undefined }), before)).toThrow('send the secret again');
    expect(requested(secured(url), before).passwordSealed).not.toBeNull();
  },
);
