import { describe, expect, test } from 'vitest';
import { rankAfter } from './grade.ts';
import { compileRules } from './rule-plan.ts';
import { rankOf, severityOf } from './severity.ts';
import { ruleOf } from './testing/rule-of.ts';

const [rule] = compileRules([
  ruleOf({
    deadband: 2,
    grades: [
      { severity: 'warning', low: 70, high: null },
      { severity: 'critical', low: 90, high: null },
      { severity: 'critical', low: null, high: 0 },
    ],
  }),
]).rules;

const after = (severity: string, value: number): string =>
  severityOf(rankAfter(rule as NonNullable<typeof rule>, rankOf(severity) ?? 0, value));

describe('the grade of a value', () => {
  test.each([
    ['none', 69.9, 'none', 'below every interval'],
    ['none', 70, 'warning', 'the low bound belongs to the interval'],
    ['none', 95, 'critical', 'the worst matching grade wins'],
    ['warning', 90, 'critical', 'a worse grade is taken at once'],
    ['none', -0.1, 'critical', 'a severity may have several intervals'],
    ['none', 0, 'none', 'the high bound does not belong to the interval'],
    ['critical', 88.1, 'critical', 'a grade is kept within the deadband'],
    ['critical', 88, 'warning', 'exactly the deadband leaves downwards'],
    ['critical', 1.9, 'critical', 'a grade is kept within the deadband above its interval'],
    ['critical', 2, 'none', 'exactly the deadband leaves upwards'],
    ['critical', 69, 'none', 'a grade between may be skipped'],
    ['warning', 68.5, 'warning', 'the deadband holds for every grade'],
    ['critical', -5, 'critical', 'another interval of the same severity is the same grade'],
  ])('after %s, %d is %s: %s', (before, value, expected) => {
    expect(after(before, value)).toBe(expected);
  });
});
