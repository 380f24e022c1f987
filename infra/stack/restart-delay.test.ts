import { expect, test } from 'vitest';
import { restartDelayMs, restartDelayMsMax, restartDelayMsMin } from './restart-delay.ts';

test.each([
  [1, 500],
  [2, 1_000],
  [3, 2_000],
  [4, 4_000],
  [5, 8_000],
  [6, 10_000],
  [7, 10_000],
  [100_000, 10_000],
])('after %d ends in a row a process is started again after %d ms', (ends, delayMs) => {
  expect(restartDelayMs(ends)).toBe(delayMs);
});

test('a delay is between half a second and ten seconds, and never shorter than the one before', () => {
  const delays = Array.from({ length: 2_000 }, (_, index) => restartDelayMs(index + 1));
  expect(Math.min(...delays)).toBe(restartDelayMsMin);
  expect(Math.max(...delays)).toBe(restartDelayMsMax);
  expect(delays).toEqual(delays.toSorted((one, other) => one - other));
});
