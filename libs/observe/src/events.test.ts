import { expect, test } from 'vitest';
import { defineEvents, emitterOf, event } from './events.ts';
import type { Log } from './log.ts';
import { Metrics } from './metrics.ts';

const events = defineEvents({
  batchStored: event<{ table: string; rows: number }>('debug', 'Batch stored.', 'rows_stored_total', 'rows'),
  partitionPaused: event<{ partition: number }>('warn', 'Partition paused.', 'partitions_paused_total'),
  started: event('info', 'Service started.'),
});

function setUp() {
  const lines: unknown[] = [];
  const log: Log = { write: (...line) => void lines.push(line) };
  const metrics = new Metrics('historian');
  return { emit: emitterOf(events, log, metrics), lines, read: () => metrics.registry.metrics() };
}

test('an event writes its line and adds its field to its counter', async () => {
  const { emit, lines, read } = setUp();
  emit.batchStored({ table: 'points_30d', rows: 500 });
  emit.batchStored({ table: 'points_30d', rows: 20 });
  expect(lines).toEqual([
    ['debug', 'Batch stored.', { event: 'batchStored', table: 'points_30d', rows: 500 }],
    ['debug', 'Batch stored.', { event: 'batchStored', table: 'points_30d', rows: 20 }],
  ]);
  expect(await read()).toContain('millrace_historian_rows_stored_total 520');
});

test('an event without an addend counts itself', async () => {
  const { emit, read } = setUp();
  emit.partitionPaused({ partition: 7 });
  expect(await read()).toContain('millrace_historian_partitions_paused_total 1');
});

test('an event without a metric is only a line', () => {
  const { emit, lines } = setUp();
  emit.started();
  expect(lines).toEqual([['info', 'Service started.', { event: 'started' }]]);
});

test('a batch of nothing adds nothing', async () => {
  const { emit, read } = setUp();
  emit.batchStored({ table: 'points_30d', rows: 0 });
  expect(await read()).toContain('millrace_historian_rows_stored_total 0');
});

test('counters stand at zero before the first event', async () => {
  expect(await setUp().read()).toContain('millrace_historian_rows_stored_total 0');
});

test.each(['batch stored.', 'Batch stored', ''])('"%s" is no sentence', (sentence) => {
  expect(() => defineEvents({ wrong: event('info', sentence) })).toThrow('not a sentence');
});

test('two events do not share a metric', () => {
  const twice = { a: event('info', 'A.', 'rows_total'), b: event('info', 'B.', 'rows_total') };
  expect(() => defineEvents(twice)).toThrow('rows_total already');
});
