import { MillraceError } from '@millrace/contracts';
import { expect, test } from 'vitest';
import { compileRules, ruleErrors } from './rule-plan.ts';
import { ruleOf } from './testing/rule-of.ts';

test('rules are found by their signal, each with a slot of its own', () => {
  const plan = compileRules([
    ruleOf(),
    ruleOf({ ruleId: 'wet', signal: 'humidity' }),
    ruleOf({ ruleId: 'much-too-hot' }),
  ]);
  expect(plan.bySignal.get('temperature')?.map(({ slot }) => slot)).toEqual([0, 2]);
  expect(plan.bySignal.get('humidity')?.map(({ slot }) => slot)).toEqual([1]);
  expect(plan.bySignal.get('pressure')).toBeUndefined();
});

test.each([
  ['no grade', { grades: [] }, 'grades', 'too_few'],
  [
    'a severity we do not know',
    { grades: [{ severity: 'fatal', low: 1, high: null }] },
    'grades[0].severity',
    'unknown',
  ],
  ['"none" as a grade', { grades: [{ severity: 'none', low: 1, high: null }] }, 'grades[0].severity', 'unknown'],
  ['an empty interval', { grades: [{ severity: 'minor', low: 5, high: 5 }] }, 'grades[0]', 'empty_interval'],
  ['a bound that is no number', { grades: [{ severity: 'minor', low: NaN, high: 5 }] }, 'grades[0]', 'empty_interval'],
  ['a negative deadband', { deadband: -1 }, 'deadband', 'out_of_range'],
  ['a deadband that is no number', { deadband: NaN }, 'deadband', 'out_of_range'],
])('a rule with %s is refused and the field is named', (_what, wrong, field, code) => {
  const rule = ruleOf(wrong);
  expect(ruleErrors(rule)).toEqual([expect.objectContaining({ field, code })]);
  expect(() => compileRules([ruleOf(), rule])).toThrow(MillraceError);
});

test('a rule that makes sense has no errors', () => {
  expect(ruleErrors(ruleOf({ grades: [{ severity: 'minor', low: null, high: null }] }))).toEqual([]);
});
