import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Problem } from '@millrace/contracts';
import { startService, type StartedService } from '@millrace/platform';
import { testAddresses } from '@millrace/testkit';
import {
  connectRedis,
  ensureTable,
  LatestValues,
  pointKinds,
  pointsTable,
  QuestDb,
  type Point,
} from '@millrace/timeseries';
import type { OpenAPIObject } from '@nestjs/swagger';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { devicesAnswer, latestAnswer, pointsAnswer, problemAnswer } from './answers.ts';
import { apiDefinition } from './api-definition.ts';
import { resultsAnswer, statisticsAnswer } from './statistic-answers.ts';
import { statisticOf, storeResults } from './testing/stored-results.ts';

const tenant = `t_${randomUUID().slice(0, 8)}`;
const other = `${tenant}o`;
const keyOf = (name: string): string => `${name}.${Buffer.from(name).toString('hex')}`;
const questdb = new QuestDb(testAddresses.questdb);
const redis = connectRedis(testAddresses.redis);
const table = `points_t_${tenant}`;
const timeMicros = Date.UTC(2026, 2, 1, 12) * 1000;
const point: Point = { timeMicros, seq: 0, value: 21.5, quality: 0, receivedAtMicros: timeMicros + 1 };

let folder: string;
let service: StartedService;

interface Device {
  readonly tenant: string;
  readonly deviceUid: string;
  readonly productId: string;
}
const device = (deviceUid: string): Device => ({ tenant, deviceUid, productId: 'pump' });

async function writeFolder(devices: readonly Device[]): Promise<void> {
  const files = {
    'devices.json': devices,
    'products.json': devices.length > 0 ? [{ tenant, productId: 'pump', name: 'Pump' }] : [],
    'api-keys.json': devices.length > 0 ? [tenant, other].map((name) => apiKey(name)) : [],
    'statistics.json': devices.length > 0 ? [statisticOf(tenant)] : [],
    'tenants.json': devices.length > 0 ? [tenant, other].map((name) => ({ tenant: name, name, ownTable: true })) : [],
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), JSON.stringify(content));
}

const apiKey = (name: string): object => ({ tenant: name, keyId: name, key: keyOf(name), scopes: ['read'] });

const get = (path: string, key: string = keyOf(tenant)): Promise<Response> =>
  fetch(service.url + path, { headers: { authorization: `Bearer ${key}` } });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-api-'));
  await writeFolder(['d1', 'd2', 'd3'].map(device));
  await vi.waitFor(() => expect(redis.status).toBe('ready'), 10_000);
  await ensureTable(questdb, pointsTable(table, '30d'));
  await questdb.query(
    `INSERT INTO ${table} (ts, tenant, device, signal, seq, value, kind, quality, received) VALUES ` +
      ['t', "it's"]
        .flatMap((signal) => [0, 1, 2].map((n) => ({ signal, n })))
        .map(
          ({ signal, n }) =>
            `(${timeMicros + n}, '${tenant}', 'd1', '${signal.replace("'", "''")}', 0, ${n}.5, ${pointKinds.double}, 0, ${timeMicros})`,
        )
        .join(),
  );
  const count = `SELECT count() FROM ${table}`;
  await vi.waitFor(async () => expect(await questdb.query(count)).toEqual([[6]]), 10_000);
  await storeResults(questdb, tenant, timeMicros);
  await new LatestValues(redis).write([{ deviceKey: `${tenant}/d1`, points: new Map([['t', point]]) }]);
  service = await startService(
    apiDefinition((name) => name === tenant || name === other),
    {
      variables: {
        MILLRACE_KAFKA_BROKERS: testAddresses.kafka,
        MILLRACE_REGISTRY_URL: testAddresses.registry,
        MILLRACE_QUESTDB_URL: testAddresses.questdb,
        MILLRACE_REDIS_URL: testAddresses.redis,
        MILLRACE_CONFIG_DIR: folder,
        MILLRACE_HTTP_PORT: '0',
        MILLRACE_SECRET_KEY: randomBytes(32).toString('hex'),
        MILLRACE_LOG_LEVEL: 'error',
      },
      onCrash: (error) => expect.unreachable(String(error)),
      signal: AbortSignal.timeout(50_000),
    },
  );
}, 60_000);

afterAll(async () => {
  await writeFolder([]);
  await vi.waitFor(async () => expect((await get('/v1/devices')).status).toBe(401), 10_000);
  await service.app.close();
  await questdb.query(`DROP TABLE IF EXISTS ${table}`);
  await redis.del(`latest:${tenant}/d1`);
  redis.disconnect();
  questdb.close();
  await rm(folder, { recursive: true });
}, 30_000);

test('devices of the tenant are listed in pages', async () => {
  const first = devicesAnswer.parse(await (await get('/v1/devices?limit=2')).json());
  expect(first.devices.map(({ uid }) => uid)).toEqual(['d1', 'd2']);
  const second = devicesAnswer.parse(await (await get(`/v1/devices?limit=2&after=${first.after}`)).json());
  expect(second).toMatchObject({ devices: [{ uid: 'd3' }], after: null });
  expect(await (await get('/v1/devices', keyOf(other))).json()).toEqual({ devices: [], after: null });
});

test('the latest values of a device are answered, of all signals and of one', async () => {
  const all = latestAnswer.parse(await (await get('/v1/devices/d1/latest')).json());
  expect(all.signals['t']).toEqual({
    time: '2026-03-01T12:00:00.000000Z',
    value: 21.5,
    quality: 0,
    receivedAt: '2026-03-01T12:00:00.000001Z',
  });
  expect(await (await get('/v1/devices/d1/signals/t/latest')).json()).toEqual(all.signals['t']);
  expect((await get('/v1/devices/d1/signals/absent/latest')).status).toBe(404);
});

test('points of a range are answered from the table of the tenant', async () => {
  const range = 'from=2026-03-01T12:00:00.000001Z&to=2026-03-01T12:00:00.000003Z';
  const answer = pointsAnswer.parse(await (await get(`/v1/devices/d1/signals/t/points?${range}`)).json());
  expect(answer).toMatchObject({ complete: true, points: [{ value: 1.5 }, { value: 2.5 }] });
  const one = pointsAnswer.parse(
    await (await get(`/v1/devices/d1/signals/t/points?${range}&limit=1&order=newest`)).json(),
  );
  expect(one).toMatchObject({ complete: false, points: [{ value: 2.5 }] });
});

test('the statistics of the tenant are listed', async () => {
  const { statistics } = statisticsAnswer.parse(await (await get('/v1/statistics')).json());
  expect(statistics).toMatchObject([{ id: 'mean', cron: '0 * * * *', timeZone: 'UTC', graceSeconds: 60, devices: [] }]);
  expect(await (await get('/v1/statistics', keyOf(other))).json()).toEqual({ statistics: [] });
});

test('results of a statistic are answered by the ends of their windows, failed ones with their reason', async () => {
  const results = async (query: string) =>
    resultsAnswer.parse(await (await get(`/v1/statistics/mean/results?${query}`)).json());
  const day = 'from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z';
  const all = await vi.waitFor(async () => {
    const found = await results(day);
    expect(found.results).toHaveLength(4);
    return found;
  }, 10_000);
  const window = { from: '2026-03-01T11:00:00.000000Z', to: '2026-03-01T12:00:00.000000Z', points: 3, revision: 0 };
  const computedAt = '2026-03-01T12:00:00.000000Z';
  expect(all.results.slice(0, 2)).toEqual([
    { ...window, device: 'd1', status: 'computed', values: { mean: 12 }, error: null, computedAt },
    {
      ...window,
      device: 'd2',
      status: 'failed',
      values: {},
      error: { code: 'too_many_points', detail: 'Too many.' },
      computedAt,
    },
  ]);
  expect(await results(`${day}&device=d1&limit=1&order=newest`)).toMatchObject({
    complete: false,
    results: [{ device: 'd1', values: { mean: 13 } }],
  });
  expect((await results('from=2026-03-01T00:00:00Z&to=2026-03-01T12:00:00Z')).results).toEqual([]);
  expect((await get('/v1/statistics/mean/results', keyOf(other))).status).toBe(404);
});

test('a name with a quote is a name and no part of a statement', async () => {
  const range = 'from=2026-03-01T12:00:00Z&to=2026-03-01T13:00:00Z';
  const points = async (signal: string): Promise<number> => {
    const path = `/v1/devices/d1/signals/${encodeURIComponent(signal)}/points?${range}`;
    return pointsAnswer.parse(await (await get(path)).json()).points.length;
  };
  expect(await points("it's")).toBe(3);
  expect(await points("' OR '1'='1")).toBe(0);
});

test.each([
  ['401 unauthenticated', '/v1/devices', 'nobody.0123456789abcdef'],
  ['404 not_found', '/v1/devices/absent/latest', keyOf(tenant)],
  ['404 not_found', '/v1/devices/d1/latest', keyOf(other)],
  ['404 not_found', '/v1/absent', keyOf(tenant)],
  ['400 invalid_field', '/v1/devices?limit=0', keyOf(tenant)],
  ['400 invalid_field', '/v1/devices?tenant=x', keyOf(tenant)],
  ['400 invalid_field', '/v1/devices/a%20b/latest', keyOf(tenant)],
  ['400 invalid_field', '/v1/devices/d1/signals/t/points?from=yesterday', keyOf(tenant)],
  [
    '400 invalid_field',
    '/v1/devices/d1/signals/t/points?to=2026-01-01T00:00:00Z&from=2026-01-02T00:00:00Z',
    keyOf(tenant),
  ],
  ['400 invalid_field', '/v1/devices/d1/signals/t/points?limit=5001', keyOf(tenant)],
])('answers %s to %s', async (expected, path, key) => {
  const response = await get(path, key);
  const problem = problemAnswer.parse(await response.json()) as Problem;
  expect(`${response.status} ${problem.code}`).toBe(expected);
  expect(response.headers.get('content-type')).toContain('application/problem+json');
});

test('a changed file is live within two seconds, a wrong one changes nothing', async () => {
  const uids = async (): Promise<readonly string[]> =>
    devicesAnswer.parse(await (await get('/v1/devices')).json()).devices.map(({ uid }) => uid);
  await writeFolder(['d1', 'd2', 'd4'].map(device));
  await vi.waitFor(async () => expect(await uids()).toEqual(['d1', 'd2', 'd4']), 2000);
  await writeFile(join(folder, 'products.json'), '[{');
  await vi.waitFor(async () => {
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    expect(metrics).toContain('millrace_api_configurations_refused_total 1');
  }, 5000);
  expect(await uids()).toEqual(['d1', 'd2', 'd4']);
  await writeFolder(['d1', 'd2', 'd3'].map(device));
  await vi.waitFor(async () => expect(await uids()).toEqual(['d1', 'd2', 'd3']), 2000);
});

test('the OpenAPI document describes every route, and its page needs no network', async () => {
  const document = (await (await fetch(`${service.url}/docs-json`)).json()) as OpenAPIObject;
  expect(document.openapi).toBe('3.1.0');
  expect(Object.keys(document.paths)).toEqual(
    expect.arrayContaining([
      '/v1/devices',
      '/v1/devices/{uid}/latest',
      '/v1/devices/{uid}/signals/{signal}/points',
      '/v1/statistics/{statisticId}/results',
    ]),
  );
  const points = document.paths['/v1/devices/{uid}/signals/{signal}/points']?.get;
  expect(points?.parameters?.map((one) => 'name' in one && one.name)).toEqual(
    expect.arrayContaining(['uid', 'signal', 'from', 'to', 'limit', 'order']),
  );
  expect(points?.responses['default']).toHaveProperty(['content', 'application/problem+json']);
  expect(Object.keys(document.components?.schemas ?? {})).toEqual(
    expect.arrayContaining(['DevicePage', 'Points', 'StatisticResults', 'Problem']),
  );
  const page = await (await fetch(`${service.url}/docs`)).text();
  expect(page).not.toMatch(/(src|href)="https?:/);
  const files = [...page.matchAll(/(?:src|href)="([^"]+\.(?:js|css))"/g)].map(([, path = '']) => path);
  expect(files.length).toBeGreaterThan(1);
  for (const path of files) expect((await fetch(new URL(path, `${service.url}/docs`))).status).toBe(200);
});

test('the sum of the accounting names what it could not ask', async () => {
  expect(await (await fetch(`${service.url}/v1/accounting/sum`)).json()).toEqual({ hops: [], missing: [] });
});
