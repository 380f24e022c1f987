import type { RecordBatch } from '@millrace/kafka';
import { Metrics } from '@millrace/observe';
import { ManualClock } from '@millrace/testkit';
import { expect, test } from 'vitest';
import { measureBatches } from './consumer-metrics.ts';

const startMs = Date.UTC(2026, 0, 1);

function setUp() {
  const metrics = new Metrics('parser');
  const clock = new ManualClock(startMs);
  const measure = measureBatches(metrics, clock);
  const assignment = new AbortController();
  const batch = (ages: readonly number[], recordsBehind: number): RecordBatch =>
    ({
      topic: 't.v1',
      partition: 3,
      recordsBehind,
      records: ages.map((ageMs) => ({ timestamp: String(clock.nowMs() - ageMs) })),
      signal: assignment.signal,
    }) as unknown as RecordBatch;
  const read = async (name: string): Promise<number | undefined> => {
    const text = await metrics.registry.metrics();
    const line = text.split('\n').find((one) => one.startsWith(`millrace_consumer_${name}{group="g",topic="t.v1"`));
    return line === undefined ? undefined : Number(line.split(' ').at(-1));
  };
  return { measure, clock, batch, read, revoke: () => assignment.abort() };
}

test('what is being handled and what lies behind it is lag, as old as its oldest record', async () => {
  const { measure, clock, batch, read } = setUp();
  const handled = measure('g', batch([3_000, 1_000], 40));
  expect([await read('lag_records'), await read('lag_seconds')]).toEqual([42, 3]);
  await clock.advance(5_000);
  expect(await read('lag_seconds')).toBe(8);
  handled();
  expect([await read('lag_records'), await read('lag_seconds')]).toEqual([40, 6]);
});

test('a partition read to its end has no lag, however old its last record is', async () => {
  const { measure, clock, batch, read } = setUp();
  measure('g', batch([10], 0))();
  await clock.advance(60_000);
  expect([await read('lag_records'), await read('lag_seconds')]).toEqual([0, 0]);
});

test('a batch whose handler threw stays lag and grows older', async () => {
  const { measure, clock, batch, read } = setUp();
  measure('g', batch([0, 0], 0));
  await clock.advance(90_000);
  expect([await read('lag_records'), await read('lag_seconds')]).toEqual([2, 90]);
});

test('the lag of a partition that somebody else has now is not shown', async () => {
  const { measure, batch, read, revoke } = setUp();
  measure('g', batch([0], 7));
  revoke();
  expect(await read('lag_records')).toBeUndefined();
});

test('batches are counted by size and by the time they took', async () => {
  const { measure, clock, batch, read } = setUp();
  const handled = measure('g', batch([0, 0, 0], 0));
  await clock.advance(200);
  handled();
  expect([await read('batch_records_sum'), await read('batch_records_count')]).toEqual([3, 1]);
  expect(await read('batch_seconds_sum')).toBeCloseTo(0.2);
});
