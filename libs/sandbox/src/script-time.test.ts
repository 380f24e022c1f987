import fc from 'fast-check';
import { expect, test } from 'vitest';
import { microsOf } from './script-time.ts';

test.each<[unknown, number]>([
  ['2025-11-20T10:00:00Z', 1_763_632_800_000_000],
  ['2025-11-20T10:00:00.123456Z', 1_763_632_800_123_456],
  ['2025-11-20T10:00:00.1234567Z', 1_763_632_800_123_456],
  ['2025-11-20T12:00:00.5+02:00', 1_763_632_800_500_000],
  [1_763_632_800, 1_763_632_800_000_000],
  [1_763_632_800.25, 1_763_632_800_250_000],
  [1_763_632_800_123, 1_763_632_800_123_000],
  [0, 0],
  [99_999_999_999 / 100, 999_999_999_990_000],
])('%j is %d microseconds', (time, micros) => {
  expect(microsOf(time)).toBe(micros);
});

test.each([
  'yesterday',
  '2025-11-20',
  '2025-11-20T10:00:00',
  '2025-13-20T10:00:00Z',
  '',
  -1,
  NaN,
  1e17,
  '9999-01-01T00:00:00Z',
  true,
  {},
  null,
])('%j is no time', (time) => {
  expect(() => microsOf(time)).toThrow('give a Date');
});

test('what toISOString writes is read as the same millisecond', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date(0), max: new Date('2199-12-31'), noInvalidDate: true }), (date) => {
      expect(microsOf(date.toISOString())).toBe(date.getTime() * 1_000);
    }),
  );
});
