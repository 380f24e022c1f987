import { MillraceError } from '@millrace/contracts';
import { Breaker } from '@millrace/kernel';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PointsEncoder } from './points-encoder.ts';
import { type LineStore, PointsWriter } from './points-writer.ts';
import { dataRow, dataRowList } from './testing/points.ts';
import { RowRejected } from './write-answer.ts';

/** Stores all lines or none, as QuestDB does; a line with "bad" in it is refused. Lines must not hold raw line breaks. */
class MemoryStore implements LineStore {
  readonly lines: string[] = [];
  requests = 0;
  bytesSent = 0;
  away = false;

  async write(bytes: Uint8Array): Promise<void> {
    this.requests += 1;
    this.bytesSent += bytes.length;
    if (this.away) throw new MillraceError('store_unavailable', 'QuestDB could not be reached.');
    const lines = Buffer.from(bytes).toString('latin1').trimEnd().split('\n');
    const bad = lines.findIndex((line) => line.includes('bad'));
    if (bad >= 0) throw new RowRejected(bad + 1, 'QuestDB refused the row.');
    this.lines.push(...lines);
  }
}

const never = new AbortController().signal;
const message = (deviceUid: string, ...names: readonly string[]) =>
  dataRowList({ deviceUid, rows: names.map((name) => dataRow({ name, value: null })) });

function writerTo(store: LineStore): PointsWriter {
  const breaker = new Breaker('QuestDB', { resetMs: 60_000, failuresMin: 2, openCode: 'store_unavailable' });
  return new PointsWriter({ store, table: 'points_90d', breaker });
}

const devicesIn = (lines: readonly string[]) => lines.map((line) => /device=([^,]+)/.exec(line)?.[1]);

test('all lists go in one request when every row is good', async () => {
  const store = new MemoryStore();
  expect(await writerTo(store).write([message('a', 'x', 'y'), message('b', 'x')], never)).toEqual([]);
  expect(devicesIn(store.lines)).toEqual(['a', 'a', 'b']);
  expect(store.requests).toBe(1);
});

test('a list with a bad row is named and everything else is stored', async () => {
  const store = new MemoryStore();
  const rejections = await writerTo(store).write(
    [message('a', 'x'), message('b', 'x', 'bad'), message('c', 'x')],
    never,
  );
  expect(rejections).toEqual([{ index: 1, reason: 'QuestDB refused the row.' }]);
  expect(devicesIn(store.lines)).toEqual(['a', 'c']);
});

test('a list without identity is named without asking QuestDB', async () => {
  const store = new MemoryStore();
  const rejections = await writerTo(store).write([dataRowList({ sequence: -1 }), message('b', 'x')], never);
  expect(rejections).toEqual([{ index: 0, reason: 'The sequence -1 is out of range.' }]);
  expect(devicesIn(store.lines)).toEqual(['b']);
});

test('nothing to store asks nothing', async () => {
  const store = new MemoryStore();
  expect(await writerTo(store).write([message('a')], never)).toEqual([]);
  expect(store.requests).toBe(0);
});

test('whichever lists are bad, exactly the good ones are stored, each once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.record({ rows: fc.nat(3), bad: fc.boolean() }), { maxLength: 40 }), async (plan) => {
      const store = new MemoryStore();
      const lists = plan.map(({ rows, bad }, index) =>
        message(`d${index}`, ...Array.from({ length: rows }, () => 'x'), ...(bad ? ['bad'] : [])),
      );
      const rejections = await writerTo(store).write(lists, never);
      const expectedBad = plan.flatMap(({ bad }, index) => (bad ? [index] : []));
      expect(rejections.map(({ index }) => index).toSorted((a, b) => a - b)).toEqual(expectedBad);
      const expectedLines = plan.flatMap(({ rows, bad }, index) =>
        bad ? [] : Array.from({ length: rows }, () => `d${index}`),
      );
      expect(devicesIn(store.lines)).toEqual(expectedLines);
    }),
  );
});

test('many bad lists do not resend everything each time', async () => {
  const store = new MemoryStore();
  const lists = Array.from({ length: 256 }, (_, index) => message(`device-${index + 100}`, 'bad'));
  const encoder = new PointsEncoder('points_90d');
  for (const list of lists) encoder.append(list);
  expect(await writerTo(store).write(lists, never)).toHaveLength(256);
  expect(store.bytesSent).toBeLessThan(encoder.bytes * (Math.log2(256) + 1));
});

test('a store that is away is an error to try again later, and is left alone after some failures', async () => {
  const store = new MemoryStore();
  store.away = true;
  const writer = writerTo(store);
  for (let attempt = 0; attempt < 5; attempt += 1)
    await expect(writer.write([message('a', 'x')], never)).rejects.toMatchObject({
      code: 'store_unavailable',
      retry: 'later',
    });
  expect(store.requests).toBe(2);
});
