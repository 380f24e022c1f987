import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeLatest, encodeLatest, rankChars } from './latest-entry.ts';
import type { Point } from './point-query.ts';

const anyPoint: fc.Arbitrary<Point> = fc.record({
  timeMicros: fc.maxSafeNat(),
  seq: fc.maxSafeNat(),
  value: fc.oneof(
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('', '\n', '1', ' '),
  ),
  quality: fc.integer({ min: -128, max: 127 }),
  receivedAtMicros: fc.maxSafeNat(),
});

test('an entry gives back the point it was made of', () => {
  fc.assert(
    fc.property(anyPoint, (point) => {
      expect(decodeLatest(encodeLatest(point))).toEqual(point);
    }),
  );
});

test('the newer of two points has the greater rank: by time, then by row number', () => {
  const rankOf = (point: Point) => encodeLatest(point).slice(0, rankChars);
  fc.assert(
    fc.property(anyPoint, anyPoint, fc.boolean(), (a, other, sameTime) => {
      const b = sameTime ? { ...other, timeMicros: a.timeMicros } : other;
      const newer = a.timeMicros > b.timeMicros || (a.timeMicros === b.timeMicros && a.seq > b.seq);
      expect(rankOf(a) > rankOf(b)).toBe(newer);
    }),
  );
});

test('a number that is no value is kept as null', () => {
  const point = { timeMicros: 1, seq: 0, value: Number.NaN, quality: 0, receivedAtMicros: 1 };
  expect(decodeLatest(encodeLatest(point))?.value).toBeNull();
});

test('a foreign entry is no point', () => {
  expect(decodeLatest('21.5')).toBeUndefined();
});
