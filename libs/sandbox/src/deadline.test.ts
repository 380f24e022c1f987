import { expect, test } from 'vitest';
import { verdictOf } from './deadline.ts';

const deadline = { timeMs: 350, cpuLimitMs: 50 };

test.each<[string, number, number | undefined, string | undefined]>([
  ['within its time goes on, whatever it used', 350, 340, undefined],
  ['beyond its time and at work is ended', 351, 50, 'timeout'],
  ['that nobody can measure is ended by its time alone', 351, undefined, 'timeout'],
  ['that waits for the processor is given time', 1_999, 10, undefined],
  ['that had no processor for seconds is frozen, and not to blame', 2_001, 10, 'starved'],
])('a child %s', (_what, tookMs, usedMs, verdict) => {
  expect(verdictOf(deadline, tookMs, usedMs)).toBe(verdict);
});
