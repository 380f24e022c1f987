import { expect, test } from 'vitest';
import { FakeConfiguration, tooHot } from './testing/fakes.ts';

test('devices with the same rules share one plan until the configuration changes', () => {
  const configuration = new FakeConfiguration('oven-1', 'oven-2');
  const plans = configuration.plans();
  const plan = plans.planOf('mill', 'oven-1');
  expect(plans.planOf('mill', 'oven-2')).toBe(plan);
  configuration.rules = [{ ...tooHot, version: 2 }];
  configuration.version += 1;
  expect(plans.planOf('mill', 'oven-1')?.rules[0]?.config.version).toBe(2);
});

test('a device that the configuration does not have has no plan', () => {
  expect(new FakeConfiguration().plans().planOf('mill', 'oven-1')).toBeUndefined();
});

test('a rule that makes no sense is left out and reported once, the others hold', () => {
  const configuration = new FakeConfiguration('oven-1', 'oven-2');
  const wrong = { ...tooHot, ruleId: 'wrong', grades: [{ severity: 'fatal', low: 1, high: null }] };
  configuration.rules = [wrong, tooHot];
  const plans = configuration.plans();
  expect(plans.planOf('mill', 'oven-1')?.rules.map(({ config }) => config.ruleId)).toEqual(['too-hot']);
  plans.planOf('mill', 'oven-2');
  expect(configuration.invalid).toEqual([[wrong, [expect.objectContaining({ field: 'grades[0].severity' })]]]);
});
