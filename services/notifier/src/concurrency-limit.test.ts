import { expect, test, vi } from 'vitest';
import { ConcurrencyLimit } from './concurrency-limit.ts';

test('no more than the limit run at once, and all run, in order', async () => {
  const limit = new ConcurrencyLimit(2);
  const started: number[] = [];
  let running = 0;
  let runningMax = 0;
  // Each asks for the next one while others wait: a place that became free may only be given once.
  const follow = (index: number): Promise<void> => (index < 5 ? run(index + 10) : Promise.resolve());
  const run = (index: number): Promise<void> =>
    limit.run(async () => {
      started.push(index);
      running += 1;
      runningMax = Math.max(runningMax, running);
      await new Promise((resolve) => setImmediate(resolve));
      void follow(index);
      running -= 1;
      if (index === 3) throw new Error('one fails');
    });
  const results = await Promise.allSettled(Array.from({ length: 10 }, (_, index) => run(index)));
  await vi.waitFor(() => expect(started).toHaveLength(15));
  expect(started).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
  expect(runningMax).toBe(2);
  expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(1);
  await expect(limit.run(() => Promise.resolve('free again'))).resolves.toBe('free again');
});
