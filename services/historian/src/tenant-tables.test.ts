import { Configuration } from '@millrace/config';
import { ManualClock } from '@millrace/testkit';
import { expect, test } from 'vitest';
import type { TableStore } from './table-store.ts';
import { TenantTables } from './tenant-tables.ts';

function tablesOf(configuration: Configuration): TenantTables {
  // A table is only asked for its name here.
  return new TenantTables({
    configuration,
    open: ({ name }) => ({ table: name }) as TableStore,
    clock: new ManualClock(),
  });
}

const tenant = (name: string, retentionClass: string, ownTable: boolean) =>
  ['tenants', name, { tenant: name, name, retentionClass, ownTable, state: 'active', quotas: null }] as const;

test('tenants of a retention class share a table and its flushes', () => {
  const configuration = new Configuration();
  configuration.apply(...tenant('a', '90d', false));
  configuration.apply(...tenant('b', '90d', false));
  const tables = tablesOf(configuration);
  expect(tables.storeOf('a')).toBe(tables.storeOf('b'));
});

test('a changed configuration is obeyed at once', () => {
  const configuration = new Configuration();
  configuration.apply(...tenant('a', '90d', false));
  const tables = tablesOf(configuration);
  expect(tables.storeOf('a')?.table).toBe('points_90d');
  configuration.apply(...tenant('a', 'forever', true));
  expect(tables.storeOf('a')?.table).toBe('points_t_a');
});

test('a retention class that does not exist is an error for good', () => {
  const configuration = new Configuration();
  configuration.apply(...tenant('a', '12d', false));
  expect(() => tablesOf(configuration).storeOf('a')).toThrow(
    expect.objectContaining({ code: 'configuration_invalid', retry: 'never' }),
  );
});

test('tables of one tenant each follow the configuration in how long they keep points', () => {
  const configuration = new Configuration();
  configuration.apply(...tenant('a', '90d', false));
  configuration.apply(...tenant('b', '30d', true));
  const tables = tablesOf(configuration);
  const own = () => tables.ownDefinitions().map(({ name, retentionDays }) => [name, retentionDays]);
  expect(own()).toEqual([['points_t_b', 30]]);
  configuration.apply(...tenant('b', 'forever', true));
  expect(own()).toEqual([['points_t_b', undefined]]);
});

test('every shared table and each table of a tenant has to be there, and a wrong tenant does not hide the others', () => {
  const configuration = new Configuration();
  configuration.apply(...tenant('wrong', '12d', true));
  configuration.apply(...tenant('a', '90d', false));
  configuration.apply(...tenant('b', '30d', true));
  expect(
    tablesOf(configuration)
      .definitions()
      .map(({ name }) => name),
  ).toEqual(['points_30d', 'points_90d', 'points_forever', 'points_t_b']);
});

test('a tenant that was deleted has no table, and its own is not made again', () => {
  const configuration = new Configuration();
  configuration.apply(...tenant('a', '90d', true));
  const [, key, value] = tenant('a', '90d', true);
  configuration.apply('tenants', key, { ...value, state: 'deleted' });
  const tables = tablesOf(configuration);
  expect([tables.storeOf('a'), tables.ownDefinitions()]).toEqual([undefined, []]);
  expect(tables.definitions().map(({ name }) => name)).not.toContain('points_t_a');
});
