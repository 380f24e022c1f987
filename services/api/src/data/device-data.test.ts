import { Configuration } from '@millrace/config';
import type { Point, PointRange } from '@millrace/timeseries';
import { anyDevice } from '@millrace/testkit';
import { beforeEach, expect, test } from 'vitest';
import { DeviceData } from './device-data.ts';
import { answeredInTime } from '../http/query-limit.ts';

const point: Point = { timeMicros: 1, seq: 0, value: 21.5, quality: 0, receivedAtMicros: 2 };
const never = new AbortController().signal;
const range = { fromMicros: 0, toMicros: 10, limit: 5, order: 'oldest first' } as const;

let configuration: Configuration;
let asked: PointRange[];
let askedTrends: string[];
let askedSeries: string[];
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
  configuration.apply('devices', 'acme/d1', anyDevice('acme', 'd1'));
  asked = [];
  askedTrends = [];
  askedSeries = [];
  data = new DeviceData(configuration, {
    latest: {
      read: async (tenant, uid) => new Map([[`${tenant}/${uid}`, point]]),
      readMany: async (tenant, uids) => new Map(uids.map((uid) => [uid, new Map([[`${tenant}/${uid}`, point]])])),
    },
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
    series: {
      buckets: async ({ table, tenant, series }) => {
        askedSeries.push(`${table} ${tenant} ${series.map(({ device, signal }) => `${device}.${signal}`).join()}`);
        return [];
      },
      course: async () => [],
    },
    pages: {
      async *read({ table, tenant, devices }) {
        askedSeries.push(`${table} ${tenant} ${devices.join()}`);
        yield [];
      },
    },
  });
});

test('a range is asked of the table of the tenant, under the tenant of the key', async () => {
  expect(await data.points('acme', 'd1', 't', range, never)).toEqual([point]);
  configuration.apply('tenants', 'acme', {
    tenant: 'acme',
    name: '',
    retentionClass: '30d',
    ownTable: true,
    state: 'active',
    quotas: null,
  });
  await data.points('acme', 'd1', 't', range, never);
  expect(asked.map(({ table, tenant, device, signal }) => [table, tenant, device, signal])).toEqual([
    ['points_30d', 'acme', 'd1', 't'],
    ['points_t_acme', 'acme', 'd1', 't'],
  ]);
});

test('the latest values are those of the device', async () => {
  expect([...(await data.latest('acme', 'd1')).keys()]).toEqual(['acme/d1']);
});

test('a device of another tenant does not exist', async () => {
  await expect(data.points('other', 'd1', 't', range, never)).rejects.toMatchObject({ code: 'not_found' });
  await expect(data.latest('other', 'd1')).rejects.toMatchObject({ code: 'not_found' });
  expect(asked).toEqual([]);
});

test('of several devices only those of the tenant are asked for, each once', async () => {
  expect([...(await data.latestOfMany('acme', ['d1', 'd1', 'absent'])).keys()]).toEqual(['d1']);
  const span = { fromMicros: 0, bucketMicros: 1, buckets: 1 };
  await data.trends('acme', ['d1', 'absent', 'd1'], span, never);
  expect(askedTrends).toEqual(['points_30d acme d1']);
  expect(await data.latestOfMany('other', ['d1'])).toEqual(new Map());
  expect(await data.trends('other', ['d1'], span, never)).toEqual([]);
  expect(askedTrends).toHaveLength(1);
});

test('series are asked for once each, those of devices of the tenant', async () => {
  const series = ['d1', 'absent', 'd1'].map((device) => ({ device, signal: 't' }));
  const wanted = { series, fromMicros: 0, toMicros: 1, points: 2 };
  await data.buckets('acme', wanted, never);
  expect(askedSeries).toEqual(['points_30d acme d1.t']);
  expect(await data.course('other', wanted, never)).toEqual([]);
});

test('an export of a device that does not exist is refused, since no devices mean all of the tenant', async () => {
  const wanted = { signals: [], fromMicros: 0, toMicros: 1 };
  expect(() => data.pages('acme', { ...wanted, devices: ['d1', 'absent'] }, never)).toThrow(
    'There is no device absent.',
  );
  await data.pages('acme', { ...wanted, devices: [] }, never).next();
  expect(askedSeries).toEqual(['points_30d acme ']);
});

test('an export breaks off when its tenant is deleted', async () => {
  const pages = data.pages('acme', { signals: [], fromMicros: 0, toMicros: 1, devices: [] }, never);
  configuration.apply('tenants', 'acme', { ...configuration.tenant('acme')!, state: 'deleted' });
  await expect(pages.next()).rejects.toMatchObject({ code: 'tenant_deleted' });
});

test('who has given up gets no answer, and the query is told', async () => {
  const gone = AbortSignal.abort(new Error('the client is gone'));
  let told: AbortSignal | undefined;
  const query = async (limit: AbortSignal): Promise<never> => {
    told = limit;
    throw new Error('the query was ended');
  };
  await expect(answeredInTime(query, gone)).rejects.toThrow('the client is gone');
  expect(told?.aborted).toBe(true);
});
