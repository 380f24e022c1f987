import fc from 'fast-check';
import { expect, test } from 'vitest';
import { linePath, stretchesOf, timeTicks, valueScale } from './plot-scale.ts';

test.each([
  [
    [20.13, 23.9],
    [20, 21, 22, 23, 24],
  ],
  [
    [0.1, 0.3],
    [0.1, 0.15, 0.2, 0.25, 0.3],
  ],
  [
    [5, 5],
    [4.6, 4.8, 5, 5.2, 5.4],
  ],
  [[0], [-1, -0.5, 0, 0.5, 1]],
])('%j has the ticks %j', (values, ticks) => {
  expect(valueScale(values, 4)?.ticks).toEqual(ticks);
});

test('every value lies between the first and the last tick, whatever the values are', () => {
  const value = fc.double({ min: -1e12, max: 1e12, noNaN: true });
  fc.assert(
    fc.property(fc.array(value, { minLength: 1 }), (values) => {
      const scale = valueScale(values, 4)!;
      const beyondSight = (scale.high - scale.low) * 1e-9;
      expect(scale.low).toBeLessThanOrEqual(Math.min(...values) + beyondSight);
      expect(scale.high).toBeGreaterThanOrEqual(Math.max(...values) - beyondSight);
      expect(scale.ticks.length).toBeLessThanOrEqual(8);
    }),
  );
});

test('without a number there is no scale', () => {
  expect(valueScale([Number.NaN], 4)).toBeUndefined();
});

test("times are round on the reader's clock", () => {
  const from = Date.UTC(2026, 2, 1, 12, 3);
  const ticks = timeTicks(from, from + 15 * 60_000, 5, 0);
  expect(ticks.map((at) => new Date(at).toISOString().slice(11, 16))).toEqual(['12:05', '12:10', '12:15']);
  const india = 5.5 * 3_600_000;
  expect(timeTicks(from, from + 86_400_000, 4, india).map((at) => (at + india) % 21_600_000)).toEqual([0, 0, 0, 0]);
});

test.each([
  [[1, 2, 3], [[0, 1, 2]]],
  [[1, null, null, 2, null, null, 3], [[0, 3, 6]]],
  [
    [1, 2, 3, null, null, null, null, 4, 5],
    [
      [0, 1, 2],
      [7, 8],
    ],
  ],
  [[null, 1, null], [[1]]],
  [[null], []],
])('%j is drawn in the stretches %j', (course, stretches) => {
  expect(stretchesOf(course)).toEqual(stretches);
});

test('a path goes from point to point', () => {
  expect(
    linePath([
      [0, 1],
      [2, 3.14],
    ]),
  ).toBe('M0.0 1.0L2.0 3.1');
});
