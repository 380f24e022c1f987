/** Questions about many devices at once, and files of points. */
import { problemAnswer } from '@millrace/platform/rest';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { latestOfManyAnswer } from './overview-answers.ts';
import { bucketsAnswer, courseAnswer } from './series-answers.ts';
import { ApiUnderTest } from '../testing/api-under-test.ts';

const api = new ApiUnderTest();
const noon = '2026-03-01T12:00:00Z';
const day = `from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z`;
const range = { from: noon, to: '2026-03-01T12:00:00.000004Z' };

beforeAll(async () => {
  await api.start();
  await api.storePoints([
    { device: 'd2', signal: "o'brien, =x", timeMicros: Date.UTC(2026, 2, 1, 9) * 1_000, value: '=HYPERLINK("x")' },
  ]);
}, 60_000);
afterAll(() => api.close(), 30_000);

test('latest values of many devices come in one answer, of the signals that are named', async () => {
  const devices = ['d1', 'd2', 'absent', ...Array.from({ length: 900 }, (_, n) => `x${n}`)];
  const latest = async (body: object, key?: string) =>
    latestOfManyAnswer.parse(await (await api.post('/v1/points/latest', body, key)).json()).devices;
  const found = { device: 'd1', signals: { t: expect.objectContaining({ value: 21.5 }) } };
  expect(await latest({ devices })).toEqual([found, { device: 'd2', signals: {} }]);
  expect(await latest({ devices: ['d1'], signals: ['t', "'; DROP"] })).toEqual([found]);
  expect(await latest({ devices: ['d1'], signals: ['absent'] })).toEqual([{ device: 'd1', signals: {} }]);
  expect(await latest({ devices }, api.otherKey)).toEqual([]);
});

test('many series come in buckets or as a course, none of another tenant', async () => {
  const series = ['t', "it's", "' OR '1'='1"].map((signal) => ({ device: 'd1', signal }));
  const query = async (more: object, key?: string): Promise<unknown> =>
    (await api.post('/v1/points/query', { series, ...range, points: 2, ...more }, key)).json();
  const buckets = bucketsAnswer.parse(await query({}));
  expect(buckets).toMatchObject({ from: '2026-03-01T12:00:00.000000Z', bucketMs: 0.002 });
  const own = {
    times: ['2026-03-01T12:00:00.000000Z', '2026-03-01T12:00:00.000002Z'],
    counts: [2, 1],
    min: [0.5, 2.5],
    max: [1.5, 2.5],
    avg: [1, 2.5],
    last: [1.5, 2.5],
  };
  expect(buckets.series).toEqual([
    { device: 'd1', signal: 't', ...own },
    { device: 'd1', signal: "it's", ...own },
    { device: 'd1', signal: "' OR '1'='1", times: [], counts: [], min: [], max: [], avg: [], last: [] },
  ]);
  const course = courseAnswer.parse(await query({ method: 'lttb', points: 3 }));
  expect(course.series.map(({ values }) => values)).toEqual([[0.5, 1.5, 2.5], [0.5, 1.5, 2.5], []]);
  expect(bucketsAnswer.parse(await query({}, api.otherKey)).series).toEqual([]);
});

test('a CSV file has every point, and no text in it is a formula', async () => {
  const response = await api.get(`/v1/points/export?${day}`);
  expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
  expect(response.headers.get('content-disposition')).toBe(
    `attachment; filename="points-${api.tenant}-20260301T000000Z-20260302T000000Z.csv"`,
  );
  const [header, first, ...records] = (await response.text()).split('\r\n');
  expect(header).toBe('time,device,signal,value,text,boolean,quality,received_at');
  expect(first).toBe(
    `2026-03-01T09:00:00.000000Z,d2,"o'brien, =x",,"'=HYPERLINK(""x"")",,0,2026-03-01T12:00:00.000000Z`,
  );
  expect(records).toHaveLength(7);
  expect(records[1]).toBe(`2026-03-01T12:00:00.000000Z,d1,t,0.5,,,0,2026-03-01T12:00:00.000000Z`);
});

test('a file has just what is named, of the own tenant', async () => {
  const lines = async (query: string, key?: string): Promise<number> =>
    (await (await api.get(`/v1/points/export?${day}${query}`, key)).text()).split('\r\n').length - 2;
  expect(await lines('&devices=d1&signal=t')).toBe(3);
  expect(await lines("&signal=t&signal=o'brien,%20%3Dx")).toBe(4);
  expect(await lines("&signal=' OR '1'='1")).toBe(0);
  expect(await lines('', api.otherKey)).toBe(0);
});

test('a Parquet file has the exact values', async () => {
  const response = await api.get(`/v1/points/export?${day}&format=parquet`);
  expect(response.headers.get('content-type')).toBe('application/vnd.apache.parquet');
  const rows = await parquetReadObjects({ file: await response.arrayBuffer() });
  expect(rows).toHaveLength(7);
  expect(rows[0]).toEqual({
    time: new Date('2026-03-01T09:00:00Z'),
    device: 'd2',
    signal: "o'brien, =x",
    value: null,
    text: '=HYPERLINK("x")',
    boolean: null,
    quality: 0,
    received_at: new Date(noon),
  });
});

test('who gives up frees its place, so that exports that are broken off do not keep others out', async () => {
  for (let n = 0; n < 4; n += 1) {
    const given = new AbortController();
    const headers = { authorization: `Bearer ${api.key}` };
    const response = await fetch(`${api.url}/v1/points/export?${day}`, { headers, signal: given.signal });
    given.abort();
    await expect(response.text()).rejects.toThrow();
  }
  await vi.waitFor(async () => expect((await api.get(`/v1/points/export?${day}`)).status).toBe(200), 5_000);
});

const tooMany = Array.from({ length: 101 }, (_, n) => ({ device: `d${n}`, signal: 't' }));

test.each<readonly [expected: string, ask: () => Promise<Response>]>([
  ['400 invalid_field', () => api.post('/v1/points/latest', { devices: [] })],
  ['400 invalid_field', () => api.post('/v1/points/latest', { devices: ["d1'"] })],
  ['400 invalid_field', () => api.post('/v1/points/latest', { devices: Array.from({ length: 1_001 }, () => 'd1') })],
  ['400 invalid_field', () => api.post('/v1/points/query', { series: tooMany })],
  ['400 invalid_field', () => api.post('/v1/points/query', { series: tooMany.slice(0, 21), points: 2_000 })],
  ['400 invalid_field', () => api.post('/v1/points/query', { series: tooMany.slice(0, 1), method: 'mean' })],
  ['400 invalid_field', () => api.get('/v1/points/export')],
  ['400 invalid_field', () => api.get('/v1/points/export?from=2020-01-01T00:00:00Z&to=2022-01-01T00:00:00Z')],
  ['400 invalid_field', () => api.get(`/v1/points/export?${day}&format=xlsx`)],
  ['404 not_found', () => api.get(`/v1/points/export?${day}&devices=d1,absent`)],
  ['404 not_found', () => api.get(`/v1/points/export?${day}&devices=d1`, api.otherKey)],
  ['400 invalid_field', () => api.get('/v1/live?kinds=statistics')],
  ['400 invalid_field', () => api.get('/v1/live?severities=bad')],
  ['404 not_found', () => api.get('/v1/live?devices=d1', api.otherKey)],
  ...['points/export?from=2026-03-01T00:00:00Z', 'live'].map(
    (path) => ['401 unauthenticated', () => api.get(`/v1/${path}`, 'nobody.0123456789abcdef')] as const,
  ),
])('answers %s', async (expected, ask) => {
  const response = await ask();
  const { code } = problemAnswer.parse(await response.json());
  expect(`${response.status} ${code}`).toBe(expected);
});
