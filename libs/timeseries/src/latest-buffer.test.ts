import { expect, test } from 'vitest';
import { LatestBuffer } from './latest-buffer.ts';
import type { DeviceLatest } from './latest-values.ts';
import { dataRowList } from './testing/points.ts';

const valuesOf = (devices: readonly DeviceLatest[]) =>
  Object.fromEntries(
    devices.flatMap(({ deviceKey, points }) =>
      [...points].map(([signal, { value }]) => [`${deviceKey} ${signal}`, value]),
    ),
  );

test('of many points of a signal only the newest remains, in whatever order they came', () => {
  const buffer = new LatestBuffer(10);
  buffer.offer(dataRowList({ timeMicros: 20 }, { value: 2 }));
  buffer.offer(dataRowList({ timeMicros: 30 }, { value: 3 }));
  buffer.offer(dataRowList({ timeMicros: 10 }, { value: 1 }));
  expect(buffer.signals).toBe(1);
  expect(valuesOf(buffer.take())).toEqual({ 'acme/pump-1 temperature': 3 });
});

test('of two points of the same time the higher row number wins, and a repeat replaces', () => {
  const buffer = new LatestBuffer(10);
  buffer.offer(dataRowList({}, { value: 1, ordinal: 1 }, { value: 0, ordinal: 0 }));
  expect(valuesOf(buffer.take())).toEqual({ 'acme/pump-1 temperature': 1 });
  buffer.offer(dataRowList({}, { value: 1 }, { value: 2 }));
  expect(valuesOf(buffer.take())).toEqual({ 'acme/pump-1 temperature': 2 });
});

test('what was taken is gone, and what could not be written comes back unless something newer is there', () => {
  const buffer = new LatestBuffer(10);
  buffer.offer(dataRowList({ timeMicros: 10 }, { name: 'a', value: 'old' }, { name: 'b', value: 'only' }));
  const taken = buffer.take();
  expect(buffer.take()).toEqual([]);
  buffer.offer(dataRowList({ timeMicros: 20 }, { name: 'a', value: 'new' }));
  buffer.giveBack(taken);
  expect(valuesOf(buffer.take())).toEqual({ 'acme/pump-1 a': 'new', 'acme/pump-1 b': 'only' });
});

test('beyond its limit it drops new signals, keeps known ones fresh, and says so once', () => {
  const buffer = new LatestBuffer(2);
  buffer.offer(dataRowList({ deviceUid: 'd1', timeMicros: 1 }, { name: 'a', value: 1 }, { name: 'b', value: 1 }));
  expect(buffer.takeDropped()).toBe(false);
  buffer.offer(dataRowList({ deviceUid: 'd2' }, { name: 'a' }));
  buffer.offer(dataRowList({ deviceUid: 'd1', timeMicros: 2 }, { name: 'a', value: 2 }));
  expect(buffer.takeDropped()).toBe(true);
  expect(buffer.takeDropped()).toBe(false);
  expect(valuesOf(buffer.take())).toEqual({ 'acme/d1 a': 2, 'acme/d1 b': 1 });
});
