import { expect, test } from 'vitest';
import { closingLine, noTests, sumOf } from './test-counts.ts';

test('counts of several runs are added up', () => {
  const runs = [
    { passed: 3, failed: 0, skipped: 1 },
    { passed: 2, failed: 4, skipped: 0 },
  ];
  expect(sumOf(runs)).toEqual({ passed: 5, failed: 4, skipped: 1 });
  expect(sumOf([])).toEqual(noTests);
});

test.each([
  [{ passed: 12, failed: 0, skipped: 0 }, '12 passed, 0 failed'],
  [{ passed: 1, failed: 2, skipped: 3 }, '1 passed, 2 failed, 3 skipped'],
])('%j is said as "%s"', (counts, line) => {
  expect(closingLine(counts)).toBe(line);
});
