import { expect, test } from 'vitest';
import { WorkInProgress } from './work-in-progress.ts';

test('who waits is told when everything has ended that had begun before, and does not wait for what began since', async () => {
  const work = new WorkInProgress();
  const [first, second] = [work.begin(), work.begin()];
  let ended = false;
  const waiting = work.ended().then(() => (ended = true));
  const later = work.begin();
  first();
  await Promise.resolve();
  expect([ended, work.isIdle]).toEqual([false, false]);
  second();
  await waiting;
  expect(work.isIdle).toBe(false);
  later();
  expect(work.isIdle).toBe(true);
  await work.ended();
});
