import { expect, test } from 'vitest';
import { attemptsMax, type LedgerEntry, nextStep } from './attempt-policy.ts';

const entry = (outcome: LedgerEntry['outcome'], attempt = 1): LedgerEntry => ({ attempt, outcome, timeMs: 1_000_000 });

test.each([
  ['nothing is known', undefined, 0, { kind: 'attempt', attempt: 1, interrupted: false }],
  ['it was delivered', entry('delivered'), 1e9, { kind: 'none' }],
  ['it was abandoned', entry('abandoned'), 1e9, { kind: 'none' }],
  ['an attempt has no end', entry('started', 2), 0, { kind: 'attempt', attempt: 3, interrupted: true }],
  ['the last attempt has no end', entry('started', attemptsMax), 0, { kind: 'abandon', attempt: attemptsMax }],
  ['it has just failed', entry('failed'), 999, { kind: 'wait' }],
  ['it failed a while ago', entry('failed'), 1_000, { kind: 'attempt', attempt: 2, interrupted: false }],
  ['it failed several times', entry('failed', 4), 119_999, { kind: 'wait' }],
  ['the last pause is over', entry('failed', 4), 120_000, { kind: 'attempt', attempt: 5, interrupted: false }],
  ['the last attempt failed', entry('failed', attemptsMax), 0, { kind: 'abandon', attempt: attemptsMax }],
])('when %s, the next step is clear', (_what, before, passedMs, step) => {
  expect(nextStep(before, 1_000_000 + passedMs)).toEqual(step);
});
