import { MillraceError } from '@millrace/contracts';
import { ManualClock } from '@millrace/testkit';
import type { DeviceLatest } from '@millrace/timeseries';
import { beforeEach, expect, test, vi } from 'vitest';
import { LatestKeeper } from './latest-keeper.ts';
import { silentEvents } from './testing/silent-events.ts';
import { dataRowList } from './testing/test-batch.ts';

/** Redis as the keeper sees it. */
class MemoryValues {
  readonly values = new Map<string, unknown>();
  readonly writes: number[] = [];
  complete = true;
  away = false;

  write(devices: Iterable<DeviceLatest>): Promise<boolean> {
    if (this.away) return Promise.reject(new MillraceError('cache_unavailable', 'Redis failed.'));
    let signals = 0;
    for (const { deviceKey, points } of devices)
      for (const [signal, { value }] of points) {
        this.values.set(`${deviceKey} ${signal}`, value);
        signals += 1;
      }
    this.writes.push(signals);
    return Promise.resolve(this.complete);
  }

  beginRebuild(): Promise<string | undefined> {
    return Promise.resolve('run');
  }

  endRebuild(_runId: string, outcome: 'complete' | 'failed'): Promise<void> {
    if (outcome === 'complete') this.complete = true;
    return Promise.resolve();
  }

  markIncomplete(): Promise<void> {
    this.complete = false;
    return Promise.resolve();
  }
}

let clock: ManualClock;
let values: MemoryValues;
let rebuilds: number[];
let keeper: LatestKeeper;
let failNext = false;

beforeEach(async () => {
  clock = new ManualClock(1_760_000_000_000);
  values = new MemoryValues();
  rebuilds = [];
  failNext = false;
  keeper = new LatestKeeper({
    values,
    rebuild: (sinceMicros) => {
      rebuilds.push(sinceMicros);
      if (!failNext) return Promise.resolve(1);
      failNext = false;
      return Promise.reject(new MillraceError('store_unavailable', 'QuestDB is away.'));
    },
    events: silentEvents(),
    clock,
  });
  keeper.start();
  await vi.waitFor(() => expect(rebuilds).toHaveLength(1));
});

test('thousands of points of a signal become one write', async () => {
  for (let index = 0; index < 5_000; index += 1)
    keeper.offer(dataRowList({ timeMicros: 1_760_000_000_000_000 + index }, { value: index }));
  await clock.advance(1_000);
  expect(values.writes).toEqual([1]);
  expect(values.values.get('acme/pump-1 temperature')).toBe(4_999);
});

test('a start reads back the last day: a process that was killed may have had values in memory', () => {
  expect(rebuilds).toEqual([1_760_000_000_000_000 - 86_400_000_000]);
});

test('while Redis is away values wait, and are written when it is back', async () => {
  values.away = true;
  keeper.offer(dataRowList({}, { value: 1 }));
  await clock.advance(3_000);
  keeper.offer(dataRowList({ deviceUid: 'pump-2' }, { value: 2 }));
  await clock.advance(3_000);
  values.away = false;
  await clock.advance(1_000);
  expect(values.values).toEqual(
    new Map([
      ['acme/pump-1 temperature', 1],
      ['acme/pump-2 temperature', 2],
    ]),
  );
});

test('a Redis that lost something is noticed though nothing is written, and everything is read back', async () => {
  values.complete = false;
  await clock.advance(6_000);
  expect(rebuilds.slice(1)).toEqual([0]);
  expect(values.complete).toBe(true);
});

test('a rebuild that failed is done again', async () => {
  values.complete = false;
  failNext = true;
  await clock.advance(1_000);
  expect(values.complete).toBe(false);
  await clock.advance(11_000);
  expect(values.complete).toBe(true);
  expect(rebuilds.slice(1)).toEqual([0, 0]);
});

test('values that found no room are rebuilt from QuestDB once Redis is back', async () => {
  values.away = true;
  for (let index = 0; index < 200; index += 1)
    keeper.offer(dataRowList({ deviceUid: `d${index}`, rows: Array.from({ length: 1_001 }, rowNamed) }));
  await clock.advance(1_000);
  values.away = false;
  await clock.advance(2_000);
  expect(rebuilds.slice(1)).toEqual([0]);
  expect(values.complete).toBe(true);
});

test('stopping writes what waits', async () => {
  keeper.offer(dataRowList({}, { value: 'last' }));
  await keeper.stop();
  expect(values.values.get('acme/pump-1 temperature')).toBe('last');
});

function rowNamed(_: unknown, index: number) {
  return { ...dataRowList().rows[0]!, name: `s${index}` };
}
