/** Against a real QuestDB: many series with few points, all points a page after the other, and queries that are given up. */
import { Breaker } from '@millrace/kernel';
import { testAddresses } from '@millrace/testkit';
import { anyText } from '@millrace/testkit/any-text';
import fc from 'fast-check';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { type NamedPoint, PointPages } from './point-pages.ts';
import { PointQuery } from './point-query.ts';
import { PointsWriter } from './points-writer.ts';
import { QuestDb } from './questdb.ts';
import { SeriesQuery, seriesPerQueryMax } from './series-query.ts';
import { ownPointsTable, shownRows } from './testing/own-table.ts';
import { dataRowList } from './testing/points.ts';

const dayMicros = 86_400_000_000;
const store = new QuestDb(testAddresses.questdb);
const never = new AbortController().signal;
const beginMicros = 20_000 * dayMicros;
const tenant = 'acme';
let table: string;

const point = (micros: number, device: string, name: string, value: number | string | boolean | null) =>
  dataRowList({ deviceUid: device, timeMicros: beginMicros + micros }, { name, value });

async function stored(lists: readonly ReturnType<typeof point>[]): Promise<void> {
  const breaker = new Breaker('QuestDB', { resetMs: 100, failuresMin: 5 });
  await new PointsWriter({ store, table, breaker }).write(lists, never);
  await shownRows(store, table, lists.length);
}

beforeEach(async () => {
  table = await ownPointsTable(store);
});

afterEach(async () => {
  await store.query(`DROP TABLE IF EXISTS ${table}`);
});

afterAll(() => store.close());

test('buckets have count, lowest, highest, mean and last of the numbers of each series', async () => {
  await stored([
    ...[3, 1, 2].map((value, index) => point(index, 'd1', 'a', value)),
    point(15, 'd1', 'a', 9),
    point(16, 'd1', 'a', 'text'),
    point(3, 'd2', "it's", 7),
    point(3, 'd2', 'a', 100),
  ]);
  const names = [
    { device: 'd2', signal: "it's" },
    { device: 'd1', signal: 'a' },
    { device: 'd1', signal: 'b' },
  ];
  const range = { table, tenant, series: names, fromMicros: beginMicros, toMicros: beginMicros + 20, points: 2 };
  const [ofD2, ofD1, none] = await new SeriesQuery(store).buckets(range);
  expect(ofD2).toMatchObject({ device: 'd2', timesMicros: [beginMicros], counts: [1], avg: [7] });
  expect(ofD1).toMatchObject({
    timesMicros: [beginMicros, beginMicros + 10],
    counts: [3, 1],
    min: [1, 9],
    max: [3, 9],
    avg: [2, 9],
    last: [2, 9],
  });
  expect(none?.timesMicros).toEqual([]);
  expect((await new SeriesQuery(store).buckets({ ...range, tenant: 'stranger' }))[1]?.counts).toEqual([]);
});

test('a course keeps its ends and its peaks, and all of a short one', async () => {
  const values = Array.from({ length: 1_000 }, (_, index) => (index === 321 ? 50 : index === 777 ? -50 : index % 7));
  await stored(values.map((value, index) => point(index, 'd1', 'a', value)));
  const series = [{ device: 'd1', signal: 'a' }];
  const range = { table, tenant, series, fromMicros: beginMicros, toMicros: beginMicros + 1_000, points: 20 };
  const course = async (points: number): Promise<readonly (readonly [number, number])[]> =>
    (await new SeriesQuery(store).course({ ...range, points }))[0]!.points.map(({ timeMicros, value }) => [
      timeMicros - beginMicros,
      value,
    ]);
  const short = await course(20);
  expect(short).toHaveLength(20);
  expect(short).toEqual(
    expect.arrayContaining([
      [0, 0],
      [321, 50],
      [777, -50],
      [999, 999 % 7],
    ]),
  );
  for (const [index, value] of short) expect(value).toBe(values[index]);
  expect(await course(1_000)).toEqual(values.map((value, index) => [index, value]));
});

test('pages have every point of the tenant once, across days and where many share one time', async () => {
  const lists = [
    ...Array.from({ length: 40 }, (_, n) => point(0, `d${n}`, 's', n)),
    ...Array.from({ length: 25 }, (_, n) => point(n * 7_919_000_000, 'd1', 'other', n % 2 === 0)),
    point(dayMicros * 9, 'd1', "it's", 'late'),
  ];
  await stored(lists);
  const range = { table, tenant, devices: [], signals: [], fromMicros: 0, toMicros: beginMicros + dayMicros * 10 };
  const read = async (pagePoints: number, more: object = {}): Promise<readonly NamedPoint[]> => {
    const all: NamedPoint[] = [];
    const pages = new PointPages(store, pagePoints).read({ ...range, fromMicros: beginMicros, ...more });
    for await (const page of pages) all.push(...page);
    return all;
  };
  const whole = await read(1_000);
  expect(whole).toHaveLength(66);
  expect(whole.at(-1)).toMatchObject({ device: 'd1', signal: "it's", value: 'late' });
  expect(await read(7)).toEqual(whole);
  expect(await read(7, { devices: ['d1', 'd2'], signals: ['s'] })).toHaveLength(2);
  expect(await read(7, { tenant: 'stranger' })).toEqual([]);
});

test('a table that is not there yet has no points', async () => {
  const absent = { table: 'test_points_absent', tenant, fromMicros: 0, toMicros: dayMicros };
  const one = { device: 'd1', signal: 'a', limit: 1, order: 'oldest first' } as const;
  expect(await new PointQuery(store).range({ ...absent, ...one })).toEqual([]);
  expect((await new PointPages(store).read({ ...absent, devices: [], signals: [] }).next()).done).toBe(true);
  await expect(store.query('SELECT absent FROM test_points_absent')).rejects.toMatchObject({ code: 'not_found' });
});

test('no text is more than a name that nobody has', async () => {
  await stored([point(0, 'd1', 'a', 1)]);
  const name = fc.oneof(anyText, fc.string({ unit: fc.constantFrom("'", '"', '\\', '-', ';', '\n', ')', ' ') }));
  const span = { table, tenant, fromMicros: beginMicros, toMicros: beginMicros + 10 };
  await fc.assert(
    fc.asyncProperty(name, async (text) => {
      const range = { ...span, device: text, signal: text, limit: 10, order: 'oldest first' } as const;
      expect(await new PointQuery(store).range(range)).toEqual([]);
      const series = [{ device: 'd1', signal: `${text}'` }];
      expect((await new SeriesQuery(store).buckets({ ...span, series, points: 2 }))[0]?.counts).toEqual([]);
      const pages = new PointPages(store).read({ ...span, devices: [text], signals: [`x${text}`] });
      expect((await pages.next()).done).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test('the longest names of ASCII characters in the greatest number are a statement that QuestDB takes', async () => {
  const longest = (letter: string, length: number) => (_: unknown, index: number) =>
    `${index}`.padStart(length, letter);
  const devices = Array.from({ length: 50 }, longest('d', 64));
  const signals = Array.from({ length: seriesPerQueryMax }, longest('s', 128));
  const range = { table, tenant, fromMicros: 0, toMicros: 1 };
  const course = (names: readonly string[]) =>
    new SeriesQuery(store).course({
      ...range,
      series: names.map((name) => ({ device: devices[0]!, signal: name })),
      points: 400,
    });
  expect(await course(signals)).toHaveLength(seriesPerQueryMax);
  const each = signals.map((name, index) => ({ device: devices[index % 50]!, signal: name }));
  expect(await new SeriesQuery(store).buckets({ ...range, series: each, points: 400 })).toHaveLength(each.length);
  const pages = new PointPages(store).read({
    ...range,
    devices,
    signals: Array.from({ length: 20 }, longest('温', 128)),
  });
  expect((await pages.next()).done).toBe(true);
  const tooLong = Array.from({ length: seriesPerQueryMax }, longest('温', 128));
  await expect(course(tooLong)).rejects.toMatchObject({ code: 'invalid_field' });
});

test('a query that is given up ends in QuestDB', async () => {
  const given = new AbortController();
  const query = store.query('SELECT count() FROM long_sequence(100000000000) WHERE x % 7 = 3', given.signal);
  query.catch(() => undefined);
  // It occupies the one worker of this QuestDB, so that nothing else is answered.
  await expect(store.query('SELECT 1', AbortSignal.timeout(1_000))).rejects.toThrow();
  given.abort(new Error('nobody waits any more'));
  await expect(query).rejects.toThrow('nobody waits any more');
  expect(await store.query('SELECT 1', AbortSignal.timeout(5_000))).toEqual([[1]]);
});
