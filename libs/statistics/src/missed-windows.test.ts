import { expect, test } from 'vitest';
import { missedWindows } from './missed-windows.ts';

const due = [1, 2, 3, 4, 5, 6];
const missed = (storedEndsMs: readonly number[], older = false, countMax = 5) =>
  missedWindows(due, { endsMs: storedEndsMs, older }, countMax);

test('a statistic without any result begins with the window that was due last', () => {
  expect(missed([])).toEqual({ endsMs: [6], olderSkipped: false });
});

test('what was due while nobody was there is evaluated, oldest first', () => {
  expect(missed([1, 2, 3])).toEqual({ endsMs: [4, 5, 6], olderSkipped: false });
});

test('a hole between results is filled, what was before the first result is not', () => {
  expect(missed([3, 5, 6])).toEqual({ endsMs: [4], olderSkipped: false });
});

test('after a long time only the last ones are evaluated, and it is said that older ones are not', () => {
  expect(missed([], true)).toEqual({ endsMs: [2, 3, 4, 5, 6], olderSkipped: true });
  expect(missed([1], true)).toEqual({ endsMs: [2, 3, 4, 5, 6], olderSkipped: false });
});

test('nothing is missed when all have their results', () => {
  expect(missed(due, true)).toEqual({ endsMs: [], olderSkipped: false });
});
