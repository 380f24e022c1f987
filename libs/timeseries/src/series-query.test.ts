import { expect, test } from 'vitest';
import { SeriesQuery, type SeriesRange, seriesStatement } from './series-query.ts';
import type { SqlValue } from './questdb.ts';

const range: SeriesRange = {
  table: 'points_30d',
  tenant: 'acme',
  series: [
    { device: 'd1', signal: 'a' },
    { device: 'd2', signal: 'a' },
    { device: 'd1', signal: 'b' },
  ],
  fromMicros: 1_000,
  toMicros: 1_100,
  points: 10,
};

const answering = (rows: readonly (readonly SqlValue[])[]) => new SeriesQuery({ query: async () => rows });

test('just the series that are named are read, of the tenant, with a limit', () => {
  const statement = seriesStatement(range, 'count()');
  expect(statement).toContain(
    "AND tenant = 'acme' AND ((device IN ('d1') AND signal IN ('a', 'b')) OR (device IN ('d2') AND signal IN ('a')))",
  );
  expect(statement).toMatch(/LIMIT 30$/);
});

test('devices with the same signals are one condition, in whatever order their signals are named', () => {
  const series = ['d1 a', 'd1 b', 'd2 b', 'd3 a', 'd2 a'].map((name) => {
    const [device = '', signal = ''] = name.split(' ');
    return { device, signal };
  });
  expect(seriesStatement({ ...range, series }, 'count()')).toContain(
    "((device IN ('d1', 'd2') AND signal IN ('a', 'b')) OR (device IN ('d3') AND signal IN ('a')))",
  );
});

test('buckets come in the order of the question, none for a series without numbers', async () => {
  const rows = [
    ['d1', 'a', 0, 2, 1, 3, 2, 3],
    ['d1', 'a', 7, 1, 5, 5, 5, 5],
    ['d1', 'b', 1, 1, 9, 9, 9, 9],
  ];
  const [first, second, third] = await answering(rows).buckets(range);
  expect(first).toEqual({
    device: 'd1',
    signal: 'a',
    timesMicros: [1_000, 1_070],
    counts: [2, 1],
    min: [1, 5],
    max: [3, 5],
    avg: [2, 5],
    last: [3, 5],
  });
  expect(second).toMatchObject({ device: 'd2', timesMicros: [] });
  expect(third).toMatchObject({ signal: 'b', timesMicros: [1_010], last: [9] });
});

test('a course has its own points, each once and in order of time', async () => {
  const rows = [
    ['d1', 'a', 0, 1_000, 5, 1_004, 1, 1_002, 8, 1_009, 2],
    ['d1', 'a', 3, 1_030, 4, 1_030, 4, 1_030, 4, 1_030, 4],
  ];
  const [{ points } = { points: [] }] = await answering(rows).course(range);
  expect(points.map(({ timeMicros, value }) => [timeMicros, value])).toEqual([
    [1_000, 5],
    [1_002, 8],
    [1_004, 1],
    [1_009, 2],
    [1_030, 4],
  ]);
});

test('a course has at most as many points as were asked for', async () => {
  const rows = Array.from({ length: 10 }, (_, bucket) => {
    const at = 1_000 + bucket * 10;
    return ['d1', 'a', bucket, at, 0, at + 1, -1, at + 2, 1, at + 3, 0];
  });
  expect((await answering(rows).course(range))[0]?.points).toHaveLength(10);
});
