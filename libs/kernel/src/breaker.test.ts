import { MillraceError } from '@millrace/contracts';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Breaker, BreakerOpen } from './breaker.ts';

const away = new MillraceError('store_unavailable', 'QuestDB does not answer.');
const badRow = new MillraceError('row_rejected', 'Wrong column type.');
const fail = (error: Error) => (): Promise<never> => Promise.reject(error);
const succeed = (): Promise<string> => Promise.resolve('stored');

// opossum takes its time from the machine; only here the timers of the machine are replaced.
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function failTimes(breaker: Breaker, times: number, error: Error = away): Promise<void> {
  for (let count = 0; count < times; count += 1) await expect(breaker.run(fail(error))).rejects.toBe(error);
}

test('it opens after the given number of failures and then runs nothing', async () => {
  const breaker = new Breaker('QuestDB', { resetMs: 1_000, failuresMin: 3, openCode: 'store_unavailable' });
  await failTimes(breaker, 2);
  expect(breaker.state).toBe('closed');
  await failTimes(breaker, 1);
  expect(breaker.state).toBe('open');
  const action = vi.fn<() => Promise<void>>();
  const rejection = breaker.run(action);
  await expect(rejection).rejects.toBeInstanceOf(BreakerOpen);
  await expect(rejection).rejects.toMatchObject({ code: 'store_unavailable', retry: 'later' });
  expect(action).not.toHaveBeenCalled();
});

test('failures that are fewer than the successes do not open it', async () => {
  const breaker = new Breaker('QuestDB', { resetMs: 1_000, failuresMin: 2 });
  for (let count = 0; count < 4; count += 1) await breaker.run(succeed);
  await failTimes(breaker, 3);
  expect(breaker.state).toBe('closed');
});

test('failures of long ago do not count', async () => {
  const breaker = new Breaker('QuestDB', { resetMs: 1_000, failuresMin: 2 });
  await failTimes(breaker, 1);
  await vi.advanceTimersByTimeAsync(11_000);
  await failTimes(breaker, 1);
  expect(breaker.state).toBe('closed');
});

test('after the reset time one call is let through: success closes it', async () => {
  const breaker = new Breaker('QuestDB', { resetMs: 1_000, failuresMin: 1 });
  await failTimes(breaker, 1);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(breaker.state).toBe('half-open');
  const trial = Promise.withResolvers<string>();
  const first = breaker.run(() => trial.promise);
  await expect(breaker.run(succeed)).rejects.toBeInstanceOf(BreakerOpen);
  trial.resolve('stored');
  expect(await first).toBe('stored');
  expect(breaker.state).toBe('closed');
});

test('after the reset time one call is let through: failure opens it again', async () => {
  const breaker = new Breaker('QuestDB', { resetMs: 1_000, failuresMin: 1 });
  await failTimes(breaker, 1);
  await vi.advanceTimersByTimeAsync(1_000);
  await failTimes(breaker, 1);
  expect(breaker.state).toBe('open');
});

test('calls refused while it was open do not hide the next outage', async () => {
  const breaker = new Breaker('QuestDB', { resetMs: 1_000, failuresMin: 3 });
  await failTimes(breaker, 3);
  for (let count = 0; count < 100; count += 1) await expect(breaker.run(succeed)).rejects.toBeInstanceOf(BreakerOpen);
  await vi.advanceTimersByTimeAsync(1_000);
  await breaker.run(succeed);
  await failTimes(breaker, 1);
  expect(breaker.state).toBe('open');
});

test("an error that is the caller's own fault is passed on and does not open it", async () => {
  const breaker = new Breaker('QuestDB', { resetMs: 1_000, failuresMin: 1 });
  await failTimes(breaker, 5, badRow);
  expect(breaker.state).toBe('closed');
});

test('an action that takes long is not given up', async () => {
  const breaker = new Breaker('QuestDB', { resetMs: 1_000, failuresMin: 1 });
  const slow = Promise.withResolvers<string>();
  const result = breaker.run(() => slow.promise);
  await vi.advanceTimersByTimeAsync(60_000);
  slow.resolve('stored');
  expect(await result).toBe('stored');
});

test('each change is told', async () => {
  const breaker = new Breaker('QuestDB', { resetMs: 1_000, failuresMin: 1 });
  const states: string[] = [];
  breaker.onChange((state) => states.push(state));
  await failTimes(breaker, 1);
  await vi.advanceTimersByTimeAsync(1_000);
  await breaker.run(succeed);
  expect(states).toEqual(['open', 'half-open', 'closed']);
});
