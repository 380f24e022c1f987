import { MillraceError } from '@millrace/contracts';
import { ManualClock } from '@millrace/testkit';
import { expect, test, vi } from 'vitest';
import { TableWatch } from './table-watch.ts';
import { silentEvents } from './testing/silent-events.ts';

test('resumes each suspended table, says how many there were, and looks again after QuestDB was away', async () => {
  const clock = new ManualClock(0);
  const looks = [
    () => Promise.reject(new MillraceError('store_unavailable', 'QuestDB is away.')),
    () =>
      Promise.resolve([
        { table: 'points_30d', reason: 'DISK FULL' },
        { table: 'alarm_events', reason: 'DISK FULL' },
      ]),
    () => Promise.resolve([]),
  ];
  const resumed: string[] = [];
  const watch = new TableWatch({
    suspended: () => (looks.shift() ?? (() => Promise.resolve([])))(),
    resume: (table) => Promise.resolve(void resumed.push(table)),
    events: silentEvents(),
    clock,
  });
  const found: (number | undefined)[] = [];
  watch.start();
  for (let left = looks.length; left > 0; left -= 1) {
    await clock.advance(5_000);
    await vi.waitFor(() => expect([looks.length, clock.sleeping]).toEqual([left - 1, 1]));
    found.push(watch.found);
  }
  await watch.stop();
  expect(found).toEqual([undefined, 2, 0]);
  expect(resumed).toEqual(['points_30d', 'alarm_events']);
});
