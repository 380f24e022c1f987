import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Windows, type WindowDefinition } from './windows.ts';

const daily: WindowDefinition = {
  cron: '0 0 * * *',
  timeZone: 'Europe/Berlin',
  leadTimeSeconds: null,
  graceSeconds: 60,
};
const at = (text: string): number => Date.parse(text);
const hour = 3_600_000;

test('without a lead time a window begins where the one before ended, also when clocks change', () => {
  const windows = new Windows(daily);
  const ends = ['2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z', '2026-10-26T23:00:00Z'].map(at);
  const lengths = ends.map((endMs) => (endMs - windows.endingAt(endMs)!.startMs) / hour);
  expect(lengths).toEqual([24, 25, 24]);
});

test('a lead time is the length of the window, which may overlap the one before', () => {
  const windows = new Windows({ ...daily, leadTimeSeconds: 7 * 24 * 3_600 });
  const endMs = at('2026-06-01T22:00:00Z');
  expect(windows.endingAt(endMs)).toEqual({ startMs: endMs - 7 * 24 * hour, endMs });
});

test('no window ends at another time', () => {
  expect(new Windows(daily).endingAt(at('2026-06-01T22:00:00.001Z'))).toBeUndefined();
});

test('a window is due when its grace is over, and not before', () => {
  const windows = new Windows(daily);
  const endMs = at('2026-06-01T22:00:00Z');
  const dueMs = endMs + 60_000;
  expect(windows.dueMs(endMs)).toBe(dueMs);
  expect([windows.lastDue(dueMs, 2), windows.nextDue(dueMs)]).toEqual([[endMs - 24 * hour, endMs], endMs + 24 * hour]);
  expect([windows.lastDue(dueMs - 1, 1), windows.nextDue(dueMs - 1)]).toEqual([[endMs - 24 * hour], endMs]);
});

test('windows join without gap or overlap, whatever the zone', () => {
  const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe'];
  const crons = ['0 * * * *', '0 0 * * *', '30 2 * * *', '0 6,14,22 * * *'];
  const property = fc.property(
    fc.constantFrom(...zones),
    fc.constantFrom(...crons),
    fc.integer({ min: at('2026-01-01'), max: at('2027-01-01') }),
    (timeZone, cron, ms) => {
      const windows = new Windows({ ...daily, timeZone, cron });
      const first = windows.endAfter(ms)!;
      expect(windows.endingAt(windows.endAfter(first)!)?.startMs).toBe(first);
    },
  );
  fc.assert(property, { numRuns: 200 });
});
