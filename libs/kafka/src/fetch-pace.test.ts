import { ManualClock } from '@millrace/testkit';
import { expect, test } from 'vitest';
import { FetchPace } from './fetch-pace.ts';

const { signal } = new AbortController();

/** Whether the handler may go on to the next fetch by now. */
function watch(rest: Promise<void>): { rested: boolean } {
  const watched = { rested: false };
  void rest.then(() => (watched.rested = true));
  return watched;
}

test('the next fetch comes an interval after the first handler began, however long the work took', async () => {
  const clock = new ManualClock();
  const pace = new FetchPace(100, clock);
  pace.begin(false);
  pace.begin(false);
  await clock.advance(60);
  const both = [watch(pace.rest(signal)), watch(pace.rest(signal))];
  await clock.advance(39);
  expect(both.map(({ rested }) => rested)).toEqual([false, false]);
  await clock.advance(1);
  expect(both.map(({ rested }) => rested)).toEqual([true, true]);
});

test('work that took longer than the interval needs no rest', async () => {
  const clock = new ManualClock();
  const pace = new FetchPace(100, clock);
  pace.begin(false);
  await clock.advance(100);
  await pace.rest(signal);
});

test('a partition that is behind does not rest, nor do the others of its fetch; the next fetch does', async () => {
  const clock = new ManualClock();
  const pace = new FetchPace(100, clock);
  pace.begin(false);
  const resting = pace.rest(signal);
  pace.begin(true);
  await Promise.all([resting, pace.rest(signal)]);
  pace.begin(false);
  const next = watch(pace.rest(signal));
  await clock.advance(99);
  expect(next.rested).toBe(false);
});

test('a rest ends with the assignment', async () => {
  const pace = new FetchPace(1_000_000, new ManualClock());
  const revoked = new AbortController();
  pace.begin(false);
  const resting = pace.rest(revoked.signal);
  revoked.abort(new Error('revoked'));
  await resting;
});

test('without an interval nobody rests', async () => {
  const pace = new FetchPace(0, new ManualClock());
  pace.begin(false);
  await pace.rest(signal);
});
