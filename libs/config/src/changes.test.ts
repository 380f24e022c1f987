import type { TenantConfig } from '@millrace/contracts';
import { expect, test } from 'vitest';
import { changesOf } from './changes.ts';

const tenant = (name: string, rest: Partial<TenantConfig> = {}): TenantConfig => ({
  tenant: name,
  name,
  retentionClass: '90d',
  ownTable: false,
  state: 'active',
  quotas: null,
  ...rest,
});

const tableOf = (...tenants: readonly TenantConfig[]): ReadonlyMap<string, TenantConfig> =>
  new Map(tenants.map((one) => [one.tenant, one]));

test('only what is new, different or vanished is written', () => {
  const changed = tenant('b', { ownTable: true });
  const changes = changesOf<'tenants'>(
    tableOf(tenant('a'), changed, tenant('c')),
    tableOf(tenant('a'), tenant('b'), tenant('d')),
    () => true,
  );
  expect(changes).toEqual([
    { key: 'b', value: changed },
    { key: 'c', value: tenant('c') },
    { key: 'd', value: null },
  ]);
});

test('entities of tenants that the folder does not speak for stay', () => {
  expect(changesOf<'tenants'>(tableOf(), tableOf(tenant('a'), tenant('b')), (name) => name === 'a')).toEqual([
    { key: 'a', value: null },
  ]);
});

test('a decoded record equals the same entity from a file', () => {
  class Decoded {
    readonly retentionClass = '90d';
    readonly ownTable = false;
    readonly state = 'active';
    readonly quotas = null;
    readonly name = 'a';
    readonly tenant = 'a';
  }
  expect(changesOf<'tenants'>(tableOf(tenant('a')), tableOf(new Decoded()), () => true)).toEqual([]);
});
