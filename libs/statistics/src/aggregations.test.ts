import { aggregationNames } from '@millrace/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aggregate } from './aggregations.ts';

const points = (...values: readonly (number | string | boolean | null)[]) =>
  values.map((value) => ({ value, quality: 0 }));

test.each([
  ['count', 3, 0],
  ['sum', 6, 0],
  ['mean', 2, null],
  ['min', 1, null],
  ['max', 3, null],
  ['first', 2, null],
  ['last', 3, null],
] as const)('the %s of 2, 1, 3 is %s, and of nothing %s', (name, ofThree, ofNothing) => {
  expect([aggregate(name, points(2, 1, 3)), aggregate(name, [])]).toEqual([ofThree, ofNothing]);
});

test('text, booleans, nulls and bad points do not count, uncertain ones do', () => {
  const mixed = [...points(4, 'text', true, null), { value: 100, quality: 2 }, { value: 6, quality: 1 }];
  expect([aggregate('mean', mixed), aggregate('count', mixed), aggregate('last', mixed)]).toEqual([5, 2, 6]);
});

test('a sum beyond the doubles is no number', () => {
  expect(aggregate('sum', points(Number.MAX_VALUE, Number.MAX_VALUE))).toBeNull();
});

test('whatever the points, the result is a number that can be stored or null', () => {
  const property = fc.property(fc.constantFrom(...aggregationNames), fc.array(fc.double()), (name, numbers) => {
    const result = aggregate(name, points(...numbers));
    expect(result === null || Number.isFinite(result)).toBe(true);
  });
  fc.assert(property);
});
