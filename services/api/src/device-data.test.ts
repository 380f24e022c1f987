import { Configuration } from '@millrace/config';
import type { Point, PointRange } from '@millrace/timeseries';
import { beforeEach, expect, test } from 'vitest';
import { DeviceData } from './device-data.ts';

const point: Point = { timeMicros: 1, seq: 0, value: 21.5, quality: 0, receivedAtMicros: 2 };
const range = { fromMicros: 0, toMicros: 10, limit: 5, order: 'oldest first' } as const;

let configuration: Configuration;
let asked: PointRange[];
let askedTrends: string[];
let data: DeviceData;

beforeEach(() => {
  configuration = new Configuration();
  configuration.apply('tenants', 'acme', {
    tenant: 'acme',
    name: '',
    retentionClass: '30d',
    ownTable: false,
    state: 'active',
    quotas: null,
  });
  configuration.apply('devices', 'acme/d1', {
    tenant: 'acme',
    deviceUid: 'd1',
    identificationCode: null,
    productId: 'pump',
    name: '',
    state: 'active',
    attributes: {},
    passwordHashes: [],
  });
  asked = [];
  askedTrends = [];
  data = new DeviceData(configuration, {
    latest: { read: async (tenant, uid) => new Map([[`${tenant}/${uid}`, point]]) },
    points: {
      range: async (one) => {
        asked.push(one);
        return [point];
      },
    },
    trends: {
      trends: async ({ table, tenant, devices }) => {
        askedTrends.push(`${table} ${tenant} ${devices.join()}`);
        return [];
      },
    },
  });
});

test('a range is asked of the table of the tenant, under the tenant of the key', async () => {
  expect(await data.points('acme', 'd1', 't', range)).toEqual([point]);
  configuration.apply('tenants', 'acme', {
    tenant: 'acme',
    name: '',
    retentionClass: '30d',
    ownTable: true,
    state: 'active',
    quotas: null,
  });
  await data.points('acme', 'd1', 't', range);
  expect(asked.map(({ table, tenant, device, signal }) => [table, tenant, device, signal])).toEqual([
    ['points_30d', 'acme', 'd1', 't'],
    ['points_t_acme', 'acme', 'd1', 't'],
  ]);
});

test('the latest values are those of the device', async () => {
  expect([...(await data.latest('acme', 'd1')).keys()]).toEqual(['acme/d1']);
});

test('a device of another tenant does not exist', async () => {
  await expect(data.points('other', 'd1', 't', range)).rejects.toMatchObject({ code: 'not_found' });
  await expect(data.latest('other', 'd1')).rejects.toMatchObject({ code: 'not_found' });
  expect(asked).toEqual([]);
});

test('of several devices only those of the tenant are asked for, each once', async () => {
  expect([...(await data.latestOfMany('acme', ['d1', 'd1', 'absent'])).keys()]).toEqual(['d1']);
  const span = { fromMicros: 0, bucketMicros: 1, buckets: 1 };
  await data.trends('acme', ['d1', 'absent', 'd1'], span);
  expect(askedTrends).toEqual(['points_30d acme d1']);
  expect(await data.latestOfMany('other', ['d1'])).toEqual(new Map());
  expect(await data.trends('other', ['d1'], span)).toEqual([]);
  expect(askedTrends).toHaveLength(1);
});
