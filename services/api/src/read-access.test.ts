import { randomBytes } from 'node:crypto';
import { CredentialHasher, SecretKey } from '@millrace/auth';
import { Configuration } from '@millrace/config';
import { ManualClock } from '@millrace/testkit';
import { beforeEach, expect, test } from 'vitest';
import { ReadAccess, requireScope } from './read-access.ts';

const hasher = new CredentialHasher(new SecretKey(randomBytes(32)));
const token = 'k1.0123456789abcdef';
const key = { tenant: 'acme', keyId: 'k1', hash: hasher.hash(token), scopes: ['read'], expiresAtMicros: 60_000_000 };

let configuration: Configuration;
let clock: ManualClock;
let access: ReadAccess;

beforeEach(() => {
  configuration = new Configuration();
  configuration.apply('apiKeys', 'k1', key);
  clock = new ManualClock();
  access = new ReadAccess(configuration, hasher, clock);
});

test('a key opens its own tenant', () => {
  expect(access.keyOf(`Bearer ${token}`).tenant).toBe('acme');
});

test.each([
  ['nothing', undefined],
  ['a wrong key', 'Bearer k1.0123456789abcdeX'],
  ['an unknown key', 'Bearer k2.0123456789abcdef'],
  ["a device's password", `Basic ${btoa('acme/d1:0123456789abcdef')}`],
])('%s opens nothing', (_, authorization) => {
  expect(() => access.keyOf(authorization)).toThrow(expect.objectContaining({ code: 'unauthenticated' }));
});

test('a key of a deleted tenant is unknown, one of a suspended tenant still reads', () => {
  const tenant = { tenant: 'acme', name: '', retentionClass: '90d', ownTable: false, quotas: null };
  configuration.apply('tenants', 'acme', { ...tenant, state: 'suspended' });
  expect(access.keyOf(`Bearer ${token}`).tenant).toBe('acme');
  configuration.apply('tenants', 'acme', { ...tenant, state: 'deleted' });
  expect(() => access.keyOf(`Bearer ${token}`)).toThrow(expect.objectContaining({ code: 'unauthenticated' }));
});

test('an expired key opens nothing', async () => {
  await clock.advance(60_000);
  expect(() => access.keyOf(`Bearer ${token}`)).toThrow(expect.objectContaining({ code: 'unauthenticated' }));
});

test('a key for sending does not read', () => {
  configuration.apply('apiKeys', 'k1', { ...key, scopes: ['ingest'] });
  expect(() => access.keyOf(`Bearer ${token}`)).toThrow(expect.objectContaining({ code: 'not_allowed' }));
});

test('a key for reading does not send', () => {
  expect(() => requireScope(key, 'ingest')).toThrow(expect.objectContaining({ code: 'not_allowed' }));
});
