import type { Problem } from '@millrace/contracts';
import { type OpenAPIObject, problemAnswer } from '@millrace/platform/rest';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { latestAnswer, pointsAnswer } from './data/answers.ts';
import { resultsAnswer } from './data/statistic-answers.ts';
import { ApiUnderTest } from './testing/api-under-test.ts';

const api = new ApiUnderTest();
beforeAll(() => api.start(), 60_000);
afterAll(() => api.close(), 30_000);

test('the latest values of a device are answered, of all signals and of one', async () => {
  const all = latestAnswer.parse(await (await api.get('/v1/devices/d1/latest')).json());
  expect(all.signals['t']).toEqual({
    time: '2026-03-01T12:00:00.000000Z',
    value: 21.5,
    quality: 0,
    receivedAt: '2026-03-01T12:00:00.000001Z',
  });
  expect(await (await api.get('/v1/devices/d1/signals/t/latest')).json()).toEqual(all.signals['t']);
  expect((await api.get('/v1/devices/d1/signals/absent/latest')).status).toBe(404);
});

test('points of a range are answered from the table of the tenant', async () => {
  const range = 'from=2026-03-01T12:00:00.000001Z&to=2026-03-01T12:00:00.000003Z';
  const answer = pointsAnswer.parse(await (await api.get(`/v1/devices/d1/signals/t/points?${range}`)).json());
  expect(answer).toMatchObject({ complete: true, points: [{ value: 1.5 }, { value: 2.5 }] });
  const one = pointsAnswer.parse(
    await (await api.get(`/v1/devices/d1/signals/t/points?${range}&limit=1&order=newest`)).json(),
  );
  expect(one).toMatchObject({ complete: false, points: [{ value: 2.5 }] });
});

test('results of a statistic are answered by the ends of their windows, failed ones with their reason', async () => {
  const results = async (query: string) =>
    resultsAnswer.parse(await (await api.get(`/v1/statistics/mean/results?${query}`)).json());
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
  expect((await api.get('/v1/statistics/mean/results', api.otherKey)).status).toBe(404);
});

test('a name with a quote is a name and no part of a statement', async () => {
  const range = 'from=2026-03-01T12:00:00Z&to=2026-03-01T13:00:00Z';
  const points = async (signal: string): Promise<number> => {
    const path = `/v1/devices/d1/signals/${encodeURIComponent(signal)}/points?${range}`;
    return pointsAnswer.parse(await (await api.get(path)).json()).points.length;
  };
  expect(await points("it's")).toBe(3);
  expect(await points("' OR '1'='1")).toBe(0);
});

type Refusal = readonly [expected: string, path: string, key: string];

test.each<Refusal>([
  ['401 unauthenticated', '/v1/devices', 'nobody.0123456789abcdef'],
  ['404 not_found', '/v1/devices/absent/latest', api.key],
  ['404 not_found', '/v1/devices/d1/latest', api.otherKey],
  ['404 not_found', '/v1/absent', api.key],
  ['404 not_found', '/v1/devices/d1/alarm-limits', api.otherKey],
  ...['access', 'products', 'alarms', 'flow', 'config/propagation', 'latest?devices=d1', 'trends?devices=d1'].map(
    (path): Refusal => ['401 unauthenticated', `/v1/${path}`, 'nobody.0123456789abcdef'],
  ),
  ['400 invalid_field', '/v1/latest?devices=', api.key],
  ['400 invalid_field', '/v1/trends?devices=d1&buckets=301', api.key],
  ...['position=x', 'position=1&wait=10001', 'wait=soon'].map((query): Refusal => [
    '400 invalid_field',
    `/v1/config/propagation?${query}`,
    api.key,
  ]),
  ['400 invalid_field', '/v1/devices?limit=0', api.key],
  ['400 invalid_field', '/v1/devices?tenant=x', api.key],
  ['400 invalid_field', '/v1/devices/a%20b/latest', api.key],
  ['400 invalid_field', '/v1/devices/d1/signals/t/points?from=yesterday', api.key],
  ['400 invalid_field', '/v1/devices/d1/signals/t/points?to=2026-01-01T00:00:00Z&from=2026-01-02T00:00:00Z', api.key],
  ['400 invalid_field', '/v1/devices/d1/signals/t/points?limit=5001', api.key],
])('answers %s to %s', async (expected, path, key) => {
  const response = await api.get(path, key);
  const problem = problemAnswer.parse(await response.json()) as Problem;
  expect(`${response.status} ${problem.code}`).toBe(expected);
  expect(response.headers.get('content-type')).toContain('application/problem+json');
});

test('the OpenAPI document describes every route, and its page needs no network', async () => {
  const document = (await (await fetch(`${api.url}/docs-json`)).json()) as OpenAPIObject;
  expect(document.openapi).toBe('3.1.0');
  expect(Object.keys(document.paths)).toEqual(
    expect.arrayContaining([
      ...['access', 'products', 'devices', 'latest', 'trends', 'alarms', 'flow', 'config/propagation'].map(
        (path) => `/v1/${path}`,
      ),
      '/v1/statistics/{statisticId}/results',
      ...['points/latest', 'points/query', 'points/export', 'live'].map((path) => `/v1/${path}`),
      ...['latest', 'signals/{signal}/points', 'alarm-limits', 'journeys'].map((path) => `/v1/devices/{uid}/${path}`),
    ]),
  );
  const parametersOf = (path: string) =>
    document.paths[path]?.get?.parameters?.map((one) => 'name' in one && one.name).toSorted();
  expect(parametersOf('/v1/points/export')).toEqual(['devices', 'format', 'from', 'signal', 'to']);
  expect(document.paths['/v1/points/export']?.get?.responses['200']).toHaveProperty(['content', 'text/csv']);
  expect(parametersOf('/v1/live')).toEqual(['Last-Event-ID', 'devices', 'kinds', 'severities', 'signal']);
  const points = document.paths['/v1/devices/{uid}/signals/{signal}/points']?.get;
  expect(points?.parameters?.map((one) => 'name' in one && one.name)).toEqual(
    expect.arrayContaining(['uid', 'signal', 'from', 'to', 'limit', 'order']),
  );
  expect(points?.responses['default']).toHaveProperty(['content', 'application/problem+json']);
  expect(Object.keys(document.components?.schemas ?? {})).toEqual(
    expect.arrayContaining([
      'DevicePage',
      'Points',
      'StatisticResults',
      'Problem',
      'Flow',
      'Alarms',
      'Trends',
      'MessageByHand',
      'SeriesRequest',
      'SeriesBuckets',
      'SeriesCourse',
      'LivePoints',
      'LiveMissed',
    ]),
  );
  const page = await (await fetch(`${api.url}/docs`)).text();
  expect(page).not.toMatch(/(src|href)="https?:/);
  const files = [...page.matchAll(/(?:src|href)="([^"]+\.(?:js|css))"/g)].map(([, path = '']) => path);
  expect(files.length).toBeGreaterThan(1);
  for (const path of files) expect((await fetch(new URL(path, `${api.url}/docs`))).status).toBe(200);
});

test('the sum of the accounting names what it could not ask', async () => {
  expect(await (await fetch(`${api.url}/v1/accounting/sum`)).json()).toEqual({ hops: [], missing: [] });
});
