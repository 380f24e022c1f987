import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CronSchedule } from './cron-schedule.ts';

const timesOf = (schedule: CronSchedule, from: string, count: number): string[] => {
  const times: string[] = [];
  for (let ms = Date.parse(from); times.length < count;) times.push(new Date((ms = schedule.after(ms)!)).toISOString());
  return times;
};

test.each([
  ['* * * * *', 'UTC', ['2026-03-28T23:01:00.000Z', '2026-03-28T23:02:00.000Z']],
  ['*/20 * * * * *', 'UTC', ['2026-03-28T23:00:20.000Z', '2026-03-28T23:00:40.000Z']],
  ['0 0 * * *', 'Europe/Berlin', ['2026-03-29T22:00:00.000Z', '2026-03-30T22:00:00.000Z']],
  ['0 * * * *', 'Europe/Berlin', ['2026-03-29T00:00:00.000Z', '2026-03-29T01:00:00.000Z']],
])('%s in %s comes at', (expression, zone, expected) => {
  expect(timesOf(new CronSchedule(expression, zone), '2026-03-28T23:00:00Z', 2)).toEqual(expected);
});

test('a local time that comes twice counts once, one that is skipped comes after the gap', () => {
  const schedule = new CronSchedule('30 2 * * *', 'Europe/Berlin');
  expect(timesOf(schedule, '2026-10-24T12:00:00Z', 2)).toEqual([
    '2026-10-25T00:30:00.000Z',
    '2026-10-26T01:30:00.000Z',
  ]);
  expect(timesOf(schedule, '2026-03-28T12:00:00Z', 2)).toEqual([
    '2026-03-29T01:00:00.000Z',
    '2026-03-30T00:30:00.000Z',
  ]);
});

test('whatever time one asks from, the times are the same, forwards and back', () => {
  const expressions = ['30 2 * * *', '0 2-3 * * *', '*/30 * * * *', '15 */6 * * *', '0 0 1 * *'];
  const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe'];
  const [from, to] = [Date.parse('2026-01-01'), Date.parse('2027-01-01')];
  const property = fc.property(
    fc.constantFrom(...expressions),
    fc.constantFrom(...zones),
    fc.integer({ min: from, max: to }),
    fc.nat(3_600_000),
    (expression, zone, ms, step) => {
      const schedule = new CronSchedule(expression, zone);
      const next = schedule.after(ms)!;
      expect(schedule.after(Math.min(ms + step, next - 1))).toBe(next);
      expect(schedule.before(schedule.after(next)!, 1)).toEqual([next]);
    },
  );
  fc.assert(property, { numRuns: 200 });
});

test.each([
  ['', 'UTC'],
  ['* * * *', 'UTC'],
  ['61 * * * *', 'UTC'],
  ['* * * * * * 2026', 'UTC'],
  ['0 0 30 2 *', 'UTC'],
  ['* * * * *', 'Mars/Olympus'],
])('"%s" in %s is refused', (expression, zone) => {
  expect(() => new CronSchedule(expression, zone)).toThrow(expect.objectContaining({ code: 'configuration_invalid' }));
});
