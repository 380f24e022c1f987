import { expect, test } from 'vitest';
import { ConcurrencyLimit } from './concurrency-limit.ts';

test('no more than the limit run at once, and all run, in order', async () => {
  const limit = new ConcurrencyLimit(2);
  const started: number[] = [];
  let running = 0;
  let runningMax = 0;
  const run = (index: number): Promise<void> =>
    limit.run(async () => {
      started.push(index);
      running += 1;
      runningMax = Math.max(runningMax, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      if (index === 3) throw new Error('one fails');
    });
  const results = await Promise.allSettled(Array.from({ length: 10 }, (_, index) => run(index)));
  expect(started).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(runningMax).toBe(2);
  expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(1);
  await expect(limit.run(() => Promise.resolve('free again'))).resolves.toBe('free again');
});
