import { MillraceError } from '@millrace/contracts';
import { ManualClock } from '@millrace/testkit';
import { expect, test, vi } from 'vitest';
import { retrying } from './retrying.ts';

const away = new MillraceError('store_unavailable', 'QuestDB does not answer.');
const delays = { delayMsMin: 10, delayMsMax: 10 };
const never = new AbortController().signal;

function failing(times: number, error: Error): () => Promise<string> {
  let calls = 0;
  return () => ((calls += 1) > times ? Promise.resolve(`call ${calls}`) : Promise.reject(error));
}

test('it repeats until the attempt succeeds and tells of each failure before it waits', async () => {
  const clock = new ManualClock();
  const told: unknown[] = [];
  const onRetry = (...report: unknown[]): void => void told.push(report);
  const result = retrying(failing(2, away), { ...delays, clock, onRetry }, never);
  await clock.advance(20);
  expect(await result).toBe('call 3');
  expect(told).toEqual([
    [away, 1, 10, 0],
    [away, 2, 10, 10],
  ]);
});

test('an error that says never is thrown at once', async () => {
  const refused = new MillraceError('row_rejected', 'Wrong column type.');
  await expect(retrying(failing(1, refused), delays, never)).rejects.toBe(refused);
});

test("a stranger's error is repeated", async () => {
  const clock = new ManualClock();
  const result = retrying(failing(1, new Error('socket hang up')), { ...delays, clock }, never);
  await clock.advance(10);
  expect(await result).toBe('call 2');
});

test('the caller may decide otherwise', async () => {
  await expect(retrying(failing(1, away), { ...delays, retryable: () => false }, never)).rejects.toBe(away);
});

test('aborting ends the wait with the reason of the signal', async () => {
  const clock = new ManualClock();
  const stopping = new AbortController();
  const result = retrying(failing(9, away), { ...delays, clock }, stopping.signal);
  await clock.advance(5);
  expect(clock.sleeping).toBe(1);
  stopping.abort(new Error('stopping'));
  await expect(result).rejects.toThrow('stopping');
});

test('an attempt that fails because of the abort is not repeated', async () => {
  const stopping = new AbortController();
  const attempt = (): Promise<never> => {
    stopping.abort(new Error('stopping'));
    return Promise.reject(away);
  };
  const onRetry = vi.fn<() => void>();
  await expect(retrying(attempt, { ...delays, onRetry }, stopping.signal)).rejects.toThrow('stopping');
  expect(onRetry).not.toHaveBeenCalled();
});
