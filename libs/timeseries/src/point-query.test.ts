import { expect, test } from 'vitest';
import { pointOf, pointsPerQueryMax, rangeStatement } from './point-query.ts';

const range = {
  table: 'points_90d',
  tenant: 'acme',
  device: 'pump-1',
  signal: 'temperature',
  fromMicros: 1,
  toMicros: 2,
  limit: 10,
  order: 'oldest first',
} as const;

test('a quote in a name cannot end the literal', () => {
  expect(rangeStatement({ ...range, signal: "x' OR '1'='1" })).toContain(`signal = 'x'' OR ''1''=''1' ORDER`);
});

test('a time that is not an integer is refused', () => {
  expect(() => rangeStatement({ ...range, fromMicros: 1.5 })).toThrow(RangeError);
});

test.each([
  [10, 10],
  [1_000_000, pointsPerQueryMax],
  [-1, 0],
])('a limit of %d becomes %d', (asked, given) => {
  expect(rangeStatement({ ...range, limit: asked })).toMatch(new RegExp(`LIMIT ${given}$`));
});

test.each([
  [1, 21.5, null, 21.5],
  [2, null, 'open', 'open'],
  [2, null, '', ''],
  [3, 1, null, true],
  [3, 0, null, false],
  [0, null, null, null],
])('a row of kind %d gives back its value', (kind, value, text, expected) => {
  const point = pointOf([1_000, 2, value, text, kind, 1, 3_000]);
  expect(point).toEqual({ timeMicros: 1_000, seq: 2, value: expected, quality: 1, receivedAtMicros: 3_000 });
});
