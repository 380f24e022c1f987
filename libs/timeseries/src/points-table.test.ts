import { expect, test } from 'vitest';
import { pointsTableOf, sharedPointsTables } from './points-table.ts';

const tenant = { tenant: 'acme', name: 'Acme', retentionClass: '30d', ownTable: false, state: 'active', quotas: null };

test('a tenant shares the table of its retention class', () => {
  expect(pointsTableOf(tenant)).toMatchObject({ name: 'points_30d', retentionDays: 30 });
  expect(sharedPointsTables.map(({ name }) => name)).toEqual(['points_30d', 'points_90d', 'points_forever']);
});

test('a tenant with a table of its own keeps its retention there', () => {
  const own = pointsTableOf({ ...tenant, retentionClass: 'forever', ownTable: true });
  expect(own.name).toBe('points_t_acme');
  expect(own.retentionDays).toBeUndefined();
});

test('a table of its own keeps the points for as long as the quota says, a shared one for its class', () => {
  const quotas = {
    devices: null,
    messagesPerSecond: null,
    pointsPerSecond: null,
    scriptCpuMsPerSecond: null,
    storageDays: 45,
  };
  expect(pointsTableOf({ ...tenant, quotas, ownTable: true }).retentionDays).toBe(45);
  expect(pointsTableOf({ ...tenant, quotas }).retentionDays).toBe(30);
});

test('a retention class that does not exist is an error that names the choices', () => {
  expect(() => pointsTableOf({ ...tenant, retentionClass: 'toString' })).toThrow(/use one of 30d, 90d, forever/);
});
