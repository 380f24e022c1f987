import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isoTimeOf, microsOfIsoTime } from './iso-time.ts';

test.each([
  ['2026-03-01T12:30:00Z', Date.UTC(2026, 2, 1, 12, 30) * 1000],
  ['2026-03-01T12:30:00.5Z', Date.UTC(2026, 2, 1, 12, 30) * 1000 + 500_000],
  ['2026-03-01T12:30:00.123456Z', Date.UTC(2026, 2, 1, 12, 30) * 1000 + 123_456],
  ['2026-03-01T12:30:00.123456789Z', Date.UTC(2026, 2, 1, 12, 30) * 1000 + 123_456],
  ['2026-03-01T12:30:00+01:00', Date.UTC(2026, 2, 1, 11, 30) * 1000],
  ['2026-03-01T12:30:00.000001-05:30', Date.UTC(2026, 2, 1, 18) * 1000 + 1],
  ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29) * 1000],
  ['1970-01-01T00:00:00Z', 0],
])('%s is read', (text, micros) => {
  expect(microsOfIsoTime(text)).toBe(micros);
});

test.each([
  '',
  '2026-03-01',
  '2026-03-01 12:30:00Z',
  '2026-03-01T12:30:00',
  '2026-03-01T12:30:00z',
  '2026-03-01T12:30:00.Z',
  '2026-03-01T12:30:00.1234567890Z',
  '2026-03-01T12:30:00Z ',
  '2026-03-01T12:30:00+0100',
  '2026-03-01T12:30:00+24:00',
  '2026-03-01T24:00:00Z',
  '2026-03-01T12:30:60Z',
  '2026-13-01T12:30:00Z',
  '2026-00-01T12:30:00Z',
  '2026-04-31T12:30:00Z',
  '2025-02-29T12:30:00Z',
  '2100-02-29T12:30:00Z',
  '1969-12-31T23:59:59Z',
  '2200-01-01T00:00:00Z',
  'x026-03-01T12:30:00Z',
])('%j is refused', (text) => {
  expect(microsOfIsoTime(text)).toBeUndefined();
});

test('every time that Date writes is read as Date reads it', () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date(0), max: new Date('2199-12-31T23:59:59.999Z'), noInvalidDate: true }),
      (date) => {
        expect(microsOfIsoTime(date.toISOString())).toBe(date.getTime() * 1000);
      },
    ),
  );
});

test('every time is written so that it is read again, to the microsecond', () => {
  const microsMax = Date.UTC(2199, 11, 31) * 1000;
  fc.assert(
    fc.property(fc.integer({ min: 0, max: microsMax }), (micros) => {
      expect(isoTimeOf(micros)).toHaveLength('2026-03-01T12:30:00.123456Z'.length);
      expect(microsOfIsoTime(isoTimeOf(micros))).toBe(micros);
    }),
  );
});

const twoDigits = fc.integer({ min: 0, max: 99 }).map((value) => String(value).padStart(2, '0'));

test('a time is read exactly when Date knows the day and the hour', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1971, max: 2198 }),
      fc.array(twoDigits, { minLength: 5, maxLength: 5 }),
      (year, parts) => {
        const [month, day, hour, minute, second] = parts;
        const text = `${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
        const milliseconds = Date.parse(text);
        const real = !Number.isNaN(milliseconds) && new Date(milliseconds).toISOString() === text.replace('Z', '.000Z');
        expect(microsOfIsoTime(text)).toBe(real ? milliseconds * 1000 : undefined);
      },
    ),
    { numRuns: 2000 },
  );
});
