/** Against a real QuestDB: what is written is there, once, whatever it holds; what is refused is named. */
import { Breaker } from '@millrace/kernel';
import { testAddresses } from '@millrace/testkit';
import fc from 'fast-check';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ensureTable } from './ensure-table.ts';
import { PointQuery } from './point-query.ts';
import { pointsTable } from './points-table.ts';
import { PointsWriter } from './points-writer.ts';
import { QuestDb } from './questdb.ts';
import { createTableStatement } from './table-definition.ts';
import { officialLines } from './testing/official-lines.ts';
import { ownPointsTable, randomName, shownRows } from './testing/own-table.ts';
import { anyDataRowList, dataRowList } from './testing/points.ts';

const store = new QuestDb(testAddresses.questdb);
const never = new AbortController().signal;
let table: string;

const writerTo = (name: string, to: QuestDb = store) =>
  new PointsWriter({ store: to, table: name, breaker: new Breaker('QuestDB', { resetMs: 100, failuresMin: 5 }) });

beforeEach(async () => {
  table = await ownPointsTable(store);
});

afterEach(async () => {
  await store.query(`DROP TABLE IF EXISTS ${table}`);
});

afterAll(() => store.close());

describe('writing points', () => {
  test('stores the same rows as the official client, whatever characters and values they hold', async () => {
    const reference = await ownPointsTable(store);
    const lists = fc.sample(anyDataRowList, { numRuns: 200, seed: 7 });
    expect(await writerTo(table).write(lists, never)).toEqual([]);
    await store.write(officialLines(reference, lists));
    const count = new Set(
      lists.flatMap((list) =>
        list.rows.map(({ name, timeOffsetMicros, ordinal }) =>
          JSON.stringify([
            list.tenant,
            list.deviceUid,
            list.sequence,
            list.timeMicros + timeOffsetMicros,
            name,
            ordinal,
          ]),
        ),
      ),
    ).size;
    expect(await shownRows(store, table, count)).toEqual(await shownRows(store, reference, count));
    await store.query(`DROP TABLE ${reference}`);
  });

  test('stores a repeated batch once, and a corrected value in place of the first', async () => {
    const writer = writerTo(table);
    await writer.write([dataRowList({}, { value: 1 }, { name: 'humidity', value: 50 })], never);
    await writer.write([dataRowList({}, { value: 2 }, { name: 'humidity', value: 50 })], never);
    await writer.write([dataRowList({ timeMicros: 1_760_000_000_000_001 }, { value: 3 })], never);
    expect((await shownRows(store, table, 3)).map((row) => row[5])).toEqual([50, 2, 3]);
  });

  test('names the list with a row that QuestDB refuses and stores the others', async () => {
    const lists = ['a', 'b', 'c', 'd'].map((deviceUid) =>
      dataRowList({ deviceUid }, {}, { name: 'x', quality: deviceUid === 'b' || deviceUid === 'c' ? 1_000 : 0 }),
    );
    const rejections = await writerTo(table).write(lists, never);
    expect(new Set(rejections.map(({ index }) => index))).toEqual(new Set([1, 2]));
    expect(rejections[0]?.reason).toMatch(/QuestDB refused the row: .*quality.*1000/);
    expect((await shownRows(store, table, 4)).map((row) => row[2])).toEqual(['a', 'a', 'd', 'd']);
  });

  test('into a table that is not there is a fault of the store, not of the rows', async () => {
    const writing = writerTo(randomName('test_missing')).write([dataRowList()], never);
    await expect(writing).rejects.toMatchObject({ code: 'store_unavailable', retry: 'later' });
  });

  test('to a store that does not listen is an error to try again later', async () => {
    const nobody = new QuestDb('http://127.0.0.1:1');
    await expect(writerTo(table, nobody).write([dataRowList()], never)).rejects.toMatchObject({
      code: 'store_unavailable',
    });
  });
});

describe('a table', () => {
  test('as defined is accepted again and again', async () => {
    await ensureTable(store, pointsTable(table, 'forever'));
    await ensureTable(store, pointsTable(table, '30d'));
  });

  test.each([
    ['without dedup', / DEDUP .*/, '', /has no DEDUP UPSERT KEYS/],
    ['with another column', 'received TIMESTAMP', 'received TIMESTAMP, extra INT', /has a column extra/],
  ])('%s stops the start', async (_, clause, instead, sentence) => {
    const definition = pointsTable(table, 'forever');
    await store.query(`DROP TABLE ${table}`);
    await store.query(createTableStatement(definition).replace(clause, instead));
    const start = ensureTable(store, definition);
    await expect(start).rejects.toMatchObject({
      code: 'configuration_invalid',
      message: expect.stringMatching(sentence),
    });
  });
});

describe('a range of points', () => {
  const range = { tenant: 'acme', device: 'pump-1', fromMicros: 0, toMicros: Number.MAX_SAFE_INTEGER } as const;
  const query = new PointQuery(store);

  test('comes back as it was sent: every kind of value, in order, exact', async () => {
    const signal = "it's\n温 \\";
    const values = [0.1 + 0.2, -1e300, 2 ** 53 - 1, 'on "hold"\n', '', true, false, null];
    const lists = values.map((value, index) =>
      dataRowList({ timeMicros: 1_000_000 + index, receivedAtMicros: 5, sequence: index }, { name: signal, value }),
    );
    await writerTo(table).write(lists, never);
    await shownRows(store, table, values.length);
    const points = await query.range({ ...range, table, signal, limit: 100, order: 'oldest first' });
    expect(points.map(({ value }) => value)).toEqual(values);
    expect(points[3]).toEqual({
      timeMicros: 1_000_003,
      seq: 3 * 1_024,
      value: 'on "hold"\n',
      quality: 0,
      receivedAtMicros: 5,
    });
  });

  test('ends before its end and gives the newest first when asked', async () => {
    const lists = [1, 2, 3, 4].map((time) => dataRowList({ timeMicros: time }, { value: time }));
    await writerTo(table).write(lists, never);
    await shownRows(store, table, 4);
    const order = 'newest first';
    const asked = { ...range, table, signal: 'temperature', fromMicros: 2, toMicros: 4, limit: 1, order } as const;
    expect((await query.range(asked)).map(({ value }) => value)).toEqual([3]);
    expect(await query.range({ ...asked, tenant: 'other' })).toEqual([]);
  });

  test('is given up when the signal is aborted', async () => {
    const asked = { ...range, table, signal: 'temperature', limit: 1, order: 'oldest first' } as const;
    await expect(query.range(asked, AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
  });
});
