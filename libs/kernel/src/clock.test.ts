import { expect, test } from 'vitest';
import { systemClock } from './clock.ts';

test('sleeping takes about as long as it was asked to', async () => {
  const beforeMs = systemClock.monotonicMs();
  await systemClock.sleep(20);
  expect(systemClock.monotonicMs() - beforeMs).toBeGreaterThanOrEqual(19);
});

test('an aborted sleep ends at once with the reason of the signal', async () => {
  const stopping = new AbortController();
  const sleeping = systemClock.sleep(60_000, stopping.signal);
  stopping.abort(new Error('stopping'));
  await expect(sleeping).rejects.toThrow('stopping');
  await expect(systemClock.sleep(60_000, stopping.signal)).rejects.toThrow('stopping');
});

test('the wall clock is the wall clock', () => {
  expect(Math.abs(systemClock.nowMs() - Date.now())).toBeLessThan(1_000);
});
