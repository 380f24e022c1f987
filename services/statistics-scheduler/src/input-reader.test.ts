import type { Point, PointWindow, WindowPoints } from '@millrace/timeseries';
import { expect, test } from 'vitest';
import { InputReader } from './input-reader.ts';
import { deviceOf, statisticOf } from './testing/statistics.ts';

const window = { startMs: 1_000, endMs: 2_000 };
const request = { table: 'points_30d', definition: statisticOf(), window };
const { signal } = new AbortController();
const point = (timeMs: number): Point => {
  return { timeMicros: timeMs * 1_000, seq: 0, value: 1, quality: 0, receivedAtMicros: 0 };
};

/** A store in which each device has so many points. */
function storeOf(counts: Readonly<Record<string, number>>) {
  const asked: PointWindow[] = [];
  const read = async (wanted: PointWindow): Promise<WindowPoints | undefined> => {
    asked.push(wanted);
    const found = wanted.devices.map((device) => [device, counts[device] ?? 0] as const);
    if (found.reduce((sum, [, count]) => sum + count, 0) > wanted.pointsMax) return undefined;
    return new Map(
      found.map(([device, count]) => [
        device,
        new Map([['temperature', Array.from({ length: count }, () => point(1_500))]]),
      ]),
    );
  };
  return { asked, read };
}

test('points are asked for by the signals of the inputs and given by their names', async () => {
  const store = storeOf({ a: 2 });
  const [input] = await new InputReader(store).read(request, [deviceOf('a', { name: 'A' })], signal);
  expect(store.asked).toMatchObject([
    { table: 'points_30d', tenant: 'mill', signals: ['temperature'], fromMicros: 1_000_000, toMicros: 2_000_000 },
  ]);
  expect(input).toMatchObject({
    points: 2,
    input: { device: { uid: 'a', name: 'A' }, fromMs: 1_000, toMs: 2_000 },
  });
  expect(input).toHaveProperty('input.inputs.input', [
    [1_500, 1, 0],
    [1_500, 1, 0],
  ]);
});

test('devices that have too many points together are read apart, and one that has too many alone is named', async () => {
  const store = storeOf({ a: 6, b: 6, c: 11, d: 0 });
  const devices = ['a', 'b', 'c', 'd'].map((uid) => deviceOf(uid));
  const read = await new InputReader(store, 10).read(request, devices, signal);
  expect(read).toMatchObject([
    { points: 6 },
    { points: 6 },
    { code: 'too_many_points', retry: 'never' },
    { points: 0 },
  ]);
  expect(read[2]).toHaveProperty('message', 'c has more than 10 points in the window; make the window shorter.');
});
