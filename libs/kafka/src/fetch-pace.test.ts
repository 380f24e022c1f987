import { ManualClock } from '@millrace/testkit';
import { expect, test } from 'vitest';
import { FetchPace } from './fetch-pace.ts';

const { signal } = new AbortController();

test('a fetch after a pause is handled at once', async () => {
  const clock = new ManualClock();
  const pace = new FetchPace(100, clock);
  for (let fetch = 0; fetch < 3; fetch += 1) {
    expect(pace.begin(false, signal)).toBeUndefined();
    pace.end();
    await clock.advance(100);
  }
});

test('fetches that follow each other begin an interval apart, all handlers of one together', async () => {
  const clock = new ManualClock();
  const pace = new FetchPace(100, clock);
  expect(pace.begin(false, signal)).toBeUndefined();
  pace.end();
  await clock.advance(10);
  const waiting = [pace.begin(false, signal), pace.begin(false, signal)];
  let begun = 0;
  for (const wait of waiting) void wait?.then(() => (begun += 1));
  await clock.advance(89);
  expect(begun).toBe(0);
  await clock.advance(1);
  expect(begun).toBe(2);
});

test('a partition that is behind begins at once, and the others of its fetch with it', async () => {
  const pace = new FetchPace(1_000_000, new ManualClock());
  void pace.begin(false, signal);
  pace.end();
  const waiting = pace.begin(false, signal);
  expect(pace.begin(true, signal)).toBeUndefined();
  await waiting;
});

test('a handler that waits ends with its assignment', async () => {
  const pace = new FetchPace(1_000_000, new ManualClock());
  void pace.begin(false, signal);
  pace.end();
  const revoked = new AbortController();
  const waiting = pace.begin(false, revoked.signal);
  revoked.abort(new Error('revoked'));
  await expect(waiting).rejects.toThrow('revoked');
});

test('without an interval nobody waits', () => {
  const pace = new FetchPace(0, new ManualClock());
  expect([pace.begin(false, signal), pace.begin(false, signal)]).toEqual([undefined, undefined]);
});
