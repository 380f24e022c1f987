import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseTimeMicros } from './envelope-time.ts';

test.each([
  ['1970-01-01T00:00:00Z', 0],
  ['1970-01-01T00:00:00.000001Z', 1],
  ['1970-01-01T00:00:01.5Z', 1_500_000],
  ['1970-01-01T01:00:00+01:00', 0],
  ['1970-01-01T00:00:00.1234567Z', 123_456],
  ['2026-11-21T10:00:00Z', Date.UTC(2026, 10, 21, 10) * 1000],
])('%s is %d microseconds', (text, micros) => {
  expect(parseTimeMicros(text)).toBe(micros);
});

test.each([
  '',
  'now',
  '2026-11-21',
  '2026-11-21T10:00:00',
  '2026-13-01T00:00:00Z',
  '1732180000',
  '9999-01-01T00:00:00Z',
])('"%s" is no such time', (text) => {
  expect(parseTimeMicros(text)).toBeUndefined();
});

test('every millisecond that JavaScript can write is read back', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date(0), max: new Date('2200-01-01'), noInvalidDate: true }), (date) => {
      expect(parseTimeMicros(date.toISOString())).toBe(date.getTime() * 1000);
    }),
  );
});
