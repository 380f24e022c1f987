/** Against a real Redis and QuestDB: the newest value wins, and what Redis lost is read back. */
import { Breaker } from '@millrace/kernel';
import { testAddresses } from '@millrace/testkit';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { LatestBuffer } from './latest-buffer.ts';
import { LatestValues, latestValuesMax } from './latest-values.ts';
import type { Point } from './point-query.ts';
import { PointsWriter } from './points-writer.ts';
import { QuestDb } from './questdb.ts';
import { rebuildLatest } from './rebuild-latest.ts';
import { connectRedis } from './redis.ts';
import { ownPointsTable, shownRows } from './testing/own-table.ts';
import { dataRowList } from './testing/points.ts';

/** A database of this file alone: the mark of completeness belongs to a database. */
const redis = connectRedis(`${testAddresses.redis}/9`);
const store = new QuestDb(testAddresses.questdb);
const latest = new LatestValues(redis);
const never = new AbortController().signal;
let table: string;

beforeEach(async () => {
  if (redis.status !== 'ready') await new Promise((resolve) => redis.once('ready', resolve));
  await redis.flushdb();
  table = await ownPointsTable(store);
});

afterEach(async () => {
  await store.query(`DROP TABLE IF EXISTS ${table}`);
});

afterAll(() => {
  redis.disconnect();
  store.close();
});

test('the newest point of a signal stays, in whatever order and however often points are written', async () => {
  const write = (timeMicros: number, seq: number, value: Point['value']) =>
    latest.write([
      {
        deviceKey: 'acme/pump-1',
        points: new Map([['a b', { timeMicros, seq, value, quality: 1, receivedAtMicros: timeMicros + 5 }]]),
      },
    ]);
  await write(1_000, 0, 'first');
  await write(1_000_000, 1, 'newest');
  await write(999_999, 2, 'older');
  await write(1_000_000, 0, 'same time, lower number');
  expect(await latest.read('acme', 'pump-1')).toEqual(
    new Map([['a b', { timeMicros: 1_000_000, seq: 1, value: 'newest', quality: 1, receivedAtMicros: 1_000_005 }]]),
  );
  await write(1_000_000, 1, 'corrected');
  expect((await latest.read('acme', 'pump-1')).get('a b')?.value).toBe('corrected');
});

test('a device that never sent has no latest values', async () => {
  expect(await latest.read('acme', 'nobody')).toEqual(new Map());
});

test('many devices are read at once, in the order of the question, all signals or those that are named', async () => {
  const points = (value: number) =>
    new Map(['a', 'b'].map((name) => [name, { timeMicros: value, seq: 0, value, quality: 0, receivedAtMicros: 0 }]));
  await latest.write([1, 2].map((value) => ({ deviceKey: `acme/d${value}`, points: points(value) })));
  const read = async (signals?: readonly string[]) =>
    [...(await latest.readMany('acme', ['d2', 'nobody', 'd1'], signals))].map(
      ([device, found]) => `${device}: ${[...found].map(([name, { value }]) => `${name}=${value}`).join()}`,
    );
  expect(await read()).toEqual(['d2: a=2,b=2', 'nobody: ', 'd1: a=1,b=1']);
  expect(await read(['b', 'absent'])).toEqual(['d2: b=2', 'nobody: ', 'd1: b=1']);
  expect(await latest.readMany('other', ['d1'])).toEqual(new Map([['d1', new Map()]]));
  expect(await latest.readMany('acme', [])).toEqual(new Map());
});

test('more values than an answer may have are refused', async () => {
  const point = { timeMicros: 1, seq: 0, value: 1, quality: 0, receivedAtMicros: 0 };
  const points = new Map(Array.from({ length: 1_001 }, (_, index) => [`s${index}`, point]));
  const uids = Array.from({ length: latestValuesMax / 1_000 }, (_, index) => `d${index}`);
  await latest.write(uids.map((uid) => ({ deviceKey: `acme/${uid}`, points })));
  await expect(latest.readMany('acme', uids)).rejects.toMatchObject({ code: 'invalid_field' });
  expect((await latest.readMany('acme', uids.slice(1))).size).toBe(uids.length - 1);
  expect((await latest.readMany('acme', uids, ['s7'])).size).toBe(uids.length);
});

test('thousands of devices are written in several calls', async () => {
  const devices = Array.from({ length: 9_000 }, (_, index) => ({
    deviceKey: `acme/d${index}`,
    points: new Map([['x', { timeMicros: index, seq: 0, value: index, quality: 0, receivedAtMicros: 0 }]]),
  }));
  await latest.write(devices);
  expect((await latest.read('acme', 'd8999')).get('x')?.value).toBe(8_999);
  expect(await redis.dbsize()).toBe(9_000);
});

test('an empty Redis says that it is incomplete until the values are rebuilt from QuestDB', async () => {
  const lists = [
    dataRowList({ timeMicros: 10 }, { value: 1 }, { name: 'state', value: 'open' }),
    dataRowList({ timeMicros: 20 }, { value: 2 }),
    dataRowList({ deviceUid: 'pump-2', timeMicros: 5 }, { value: true }),
  ];
  await writerTo(table).write(lists, never);
  await shownRows(store, table, 4);
  expect(await latest.write([])).toBe(false);

  const runId = await latest.beginRebuild();
  expect(await latest.beginRebuild()).toBeUndefined();
  expect(await rebuildLatest({ store, latest, tables: [table], sinceMicros: 0 }, never)).toBe(3);
  await latest.endRebuild(runId ?? '', 'complete');

  expect(await latest.write([])).toBe(true);
  const pump = await latest.read('acme', 'pump-1');
  expect(pump.get('temperature')).toMatchObject({ timeMicros: 20, value: 2 });
  expect(pump.get('state')).toMatchObject({ timeMicros: 10, value: 'open' });
  expect((await latest.read('acme', 'pump-2')).get('temperature')?.value).toBe(true);
});

test('a rebuild finds the latest of a device that was silent for days', async () => {
  const day = 86_400_000_000;
  const lists = [0, 1, 2, 3].map((days) =>
    dataRowList({ deviceUid: `d${days % 2}`, timeMicros: days * day }, { value: days }),
  );
  await writerTo(table).write(
    [...lists, dataRowList({ deviceUid: 'silent', timeMicros: 5 }, { value: 'here' })],
    never,
  );
  await shownRows(store, table, 5);
  await rebuildLatest({ store, latest, tables: [table], sinceMicros: 0 }, never);
  const valueOf = async (device: string) => (await latest.read('acme', device)).get('temperature')?.value;
  expect([await valueOf('d0'), await valueOf('d1'), await valueOf('silent')]).toEqual([2, 3, 'here']);
});

test('a rebuild of recent points leaves out old ones', async () => {
  await writerTo(table).write(
    [dataRowList({ timeMicros: 10 }), dataRowList({ deviceUid: 'pump-2', timeMicros: 20 })],
    never,
  );
  await shownRows(store, table, 2);
  expect(await rebuildLatest({ store, latest, tables: [table], sinceMicros: 15 }, never)).toBe(1);
  expect(await latest.read('acme', 'pump-1')).toEqual(new Map());
});

test('a rebuild does not put back an older value than one that arrived meanwhile', async () => {
  await writerTo(table).write([dataRowList({ timeMicros: 10 }, { value: 'stored' })], never);
  await shownRows(store, table, 1);
  const buffer = new LatestBuffer(10);
  buffer.offer(dataRowList({ timeMicros: 11 }, { value: 'live' }));
  await latest.write(buffer.take());
  await rebuildLatest({ store, latest, tables: [table], sinceMicros: 0 }, never);
  expect((await latest.read('acme', 'pump-1')).get('temperature')?.value).toBe('live');
});

test('a restarted Redis, which has another run id, is incomplete though its data came back', async () => {
  await latest.endRebuild('run id of the process before', 'complete');
  expect(await latest.write([])).toBe(false);
});

test('dropped values make it incomplete', async () => {
  await latest.endRebuild((await latest.beginRebuild()) ?? '', 'complete');
  await latest.markIncomplete();
  expect(await latest.write([])).toBe(false);
});

test('a Redis that does not answer is a typed error at once', async () => {
  const nobody = connectRedis('redis://127.0.0.1:1');
  await expect(new LatestValues(nobody).write([])).rejects.toMatchObject({ code: 'cache_unavailable', retry: 'later' });
  nobody.disconnect();
});

function writerTo(name: string): PointsWriter {
  return new PointsWriter({ store, table: name, breaker: new Breaker('QuestDB', { resetMs: 100, failuresMin: 5 }) });
}
