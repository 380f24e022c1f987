import { randomBytes } from 'node:crypto';
import { CredentialHasher, SecretKey } from '@millrace/auth';
import { Configuration } from '@millrace/config';
import { ManualClock } from '@millrace/testkit';
import { beforeEach, expect, test } from 'vitest';
import { Access, requireScope } from './access.ts';

const hasher = new CredentialHasher(new SecretKey(randomBytes(32)));
const token = 'k1.0123456789abcdef';
const key = {
  tenant: 'acme',
  keyId: 'k1',
  hash: hasher.hash(token),
  scopes: ['read'],
  expiresAtMicros: 60_000_000,
  previousHash: null,
  previousUntilMicros: null,
};

let configuration: Configuration;
let clock: ManualClock;
let access: Access;

beforeEach(() => {
  configuration = new Configuration();
  configuration.apply('apiKeys', 'k1', key);
  clock = new ManualClock();
  access = new Access(configuration, hasher, clock);
});

test('a key opens its own tenant', () => {
  expect(access.callerOf({ headers: { authorization: `Bearer ${token}` } }).tenant).toBe('acme');
});

test.each([
  ['nothing', undefined],
  ['a wrong key', 'Bearer k1.0123456789abcdeX'],
  ['an unknown key', 'Bearer k2.0123456789abcdef'],
  ["a device's password", `Basic ${btoa('acme/d1:0123456789abcdef')}`],
])('%s opens nothing', (_, authorization) => {
  expect(() => access.callerOf({ headers: { authorization } })).toThrow(
    expect.objectContaining({ code: 'unauthenticated' }),
  );
});

test('a key of a deleted tenant is unknown, one of a suspended tenant still reads', () => {
  const tenant = { tenant: 'acme', name: '', retentionClass: '90d', ownTable: false, quotas: null };
  configuration.apply('tenants', 'acme', { ...tenant, state: 'suspended' });
  expect(access.callerOf({ headers: { authorization: `Bearer ${token}` } }).tenant).toBe('acme');
  configuration.apply('tenants', 'acme', { ...tenant, state: 'deleted' });
  expect(() => access.callerOf({ headers: { authorization: `Bearer ${token}` } })).toThrow(
    expect.objectContaining({ code: 'unauthenticated' }),
  );
});

test('an expired key opens nothing', async () => {
  await clock.advance(60_000);
  expect(() => access.callerOf({ headers: { authorization: `Bearer ${token}` } })).toThrow(
    expect.objectContaining({ code: 'unauthenticated' }),
  );
});

test('the secret before a rotation opens until its overlap is over, the present one stays', async () => {
  const before = 'k1.fedcba9876543210';
  const rotated = { ...key, previousHash: hasher.hash(before), previousUntilMicros: 30_000_000 };
  configuration.apply('apiKeys', 'k1', rotated);
  await clock.advance(29_999);
  expect(access.callerOf({ headers: { authorization: `Bearer ${before}` } }).tenant).toBe('acme');
  await clock.advance(1);
  expect(() => access.callerOf({ headers: { authorization: `Bearer ${before}` } })).toThrow(
    expect.objectContaining({ code: 'unauthenticated' }),
  );
  expect(access.callerOf({ headers: { authorization: `Bearer ${token}` } }).tenant).toBe('acme');
});

test('a key for sending does not read', () => {
  configuration.apply('apiKeys', 'k1', { ...key, scopes: ['ingest'] });
  const { key: sending } = access.callerOf({ headers: { authorization: `Bearer ${token}` } });
  expect(() => requireScope(sending, 'read')).toThrow(expect.objectContaining({ code: 'not_allowed' }));
});

test('only a key of the platform names another tenant', () => {
  const headers = { authorization: `Bearer ${token}`, 'millrace-tenant': 'other' };
  expect(() => access.callerOf({ headers })).toThrow(expect.objectContaining({ code: 'not_allowed' }));
  expect(access.callerOf({ headers: { ...headers, 'millrace-tenant': 'acme' } }).tenant).toBe('acme');
  configuration.apply('apiKeys', 'k1', { ...key, scopes: ['read', 'platform'] });
  expect(access.callerOf({ headers }).tenant).toBe('other');
  expect(() => access.callerOf({ headers: { ...headers, 'millrace-tenant': 'Other Tenant' } })).toThrow(
    expect.objectContaining({ code: 'invalid_field' }),
  );
});

test('a tenant that was deleted is named to nobody, also not by a key of the platform', () => {
  const tenant = { tenant: 'other', name: '', retentionClass: '90d', ownTable: false, quotas: null, state: 'deleted' };
  configuration.apply('apiKeys', 'k1', { ...key, scopes: ['read', 'platform'] });
  configuration.apply('tenants', 'other', tenant);
  const headers = { authorization: `Bearer ${token}`, 'millrace-tenant': 'other' };
  expect(() => access.callerOf({ headers })).toThrow(expect.objectContaining({ code: 'tenant_deleted' }));
});

test('a key for reading does not send', () => {
  expect(() => requireScope(key, 'ingest')).toThrow(expect.objectContaining({ code: 'not_allowed' }));
});
