/** Against a real QuestDB: what a plot and a follower of one message ask. */
import { Breaker } from '@millrace/kernel';
import { testAddresses } from '@millrace/testkit';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PointsWriter } from './points-writer.ts';
import { QuestDb } from './questdb.ts';
import { countStoredRows } from './stored-rows.ts';
import { ownPointsTable, shownRows } from './testing/own-table.ts';
import { dataRowList } from './testing/points.ts';
import { TrendQuery } from './trend-query.ts';

const store = new QuestDb(testAddresses.questdb);
const never = new AbortController().signal;
const { tenant, deviceUid, timeMicros } = dataRowList({});
let table: string;
let writer: PointsWriter;

beforeEach(async () => {
  table = await ownPointsTable(store);
  writer = new PointsWriter({ store, table, breaker: new Breaker('QuestDB', { resetMs: 100, failuresMin: 5 }) });
});

afterEach(async () => {
  await store.query(`DROP TABLE IF EXISTS ${table}`);
});

afterAll(() => store.close());

test('a trend has mean, lowest and highest of each bucket, nothing where there is nothing, and numbers only', async () => {
  const at = (micros: number, value: number | string) =>
    dataRowList({ timeMicros: timeMicros + micros }, { name: "t'", value });
  const other = dataRowList({ deviceUid: 'other' }, { name: "t'", value: 99 });
  const lists = [at(0, 1), at(9, 3), at(10, 7), at(30, 5), at(39, 'text'), at(40, 1_000), other];
  await writer.write(lists, never);
  await shownRows(store, table, lists.length);
  const range = { table, tenant, devices: [deviceUid], fromMicros: timeMicros, bucketMicros: 10, buckets: 4 };
  expect(await new TrendQuery(store).trends(range)).toEqual([
    { device: deviceUid, signal: "t'", mean: [2, 7, null, 5], low: [1, 7, null, 5], high: [3, 7, null, 5] },
  ]);
  expect(await new TrendQuery(store).trends({ ...range, tenant: 'stranger' })).toEqual([]);
});

test('of a message those rows are counted that the table shows, and no other message of the same time', async () => {
  const list = dataRowList({ sequence: 5 }, { name: 'a', value: 1 }, { name: 'b', value: 2, timeOffsetMicros: 7 });
  await writer.write(
    [
      { ...list, sequence: 6 },
      { ...list, rows: list.rows.slice(0, 1) },
    ],
    never,
  );
  await shownRows(store, table, 3);
  expect(await countStoredRows(store, table, list)).toBe(1);
  await writer.write([list], never);
  await vi.waitFor(async () => expect(await countStoredRows(store, table, list)).toBe(2), 5_000);
});
