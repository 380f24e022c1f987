import { expect, test } from 'vitest';
import { differencesOf } from './vector-difference.ts';

test.each([
  ['equal', { data: { a: 1, b: ['x', { c: null }] } }, { data: { b: ['x', { c: null }], a: 1 } }],
  ['a sum in other steps', { data: { a: 0.3 } }, { data: { a: 0.1 + 0.2 } }],
  ['large numbers that were printed', { data: { a: 123456789.123456 } }, { data: { a: 123456789.12345602 } }],
  ['empty reports', { data: {}, warnings: [], errors: [] }, { data: {} }],
  ['reports that are null', { data: {} }, { data: {}, warnings: null, errors: null }],
  ['null and nothing', { data: { a: null } }, { data: {} }],
  ['NaN, which JSON has not,', { data: { a: null, b: NaN } }, { data: { a: { '\0': 'NaN' }, b: { '\0': 'NaN' } } }],
])('%s is no difference', (_name, expected, returned) => {
  expect(differencesOf(expected, returned)).toEqual([]);
});

test.each<[string, unknown, unknown, readonly string[]]>([
  ['a value', { data: { a: 1 } }, { data: { a: 2 } }, ['data.a is 2, expected 1.']],
  ['a kind', { data: { a: 1 } }, { data: { a: '1' } }, ['data.a is "1", expected 1.']],
  ['a small part of a number', { data: { a: 1 } }, { data: { a: 1.000001 } }, ['data.a is 1.000001, expected 1.']],
  ['what is missing', { data: { a: [1, 2] } }, { data: { a: [1] } }, ['data.a[1] is missing, expected 2.']],
  ['what is too much', { data: {} }, { data: { toString: 1 } }, ['data.toString is 1, not expected.']],
  ['a warning', { data: {} }, { data: {}, warnings: ['low'] }, ['warnings is ["low"], not expected.']],
  ['an array for an object', { data: {} }, { data: [] }, ['data is [], expected {}.']],
  ['all of it', { data: {} }, 3, ['The result is 3, expected {"data":{}}.']],
  [
    'long values, cut',
    { data: { a: 'x'.repeat(200) } },
    { data: {} },
    [`data.a is missing, expected "${'x'.repeat(78)}….`],
  ],
  [
    'each of them',
    { data: { a: 1, b: 2 } },
    { data: { a: 2 } },
    ['data.a is 2, expected 1.', 'data.b is missing, expected 2.'],
  ],
])('%s is told', (_name, expected, returned, differences) => {
  expect(differencesOf(expected, returned)).toEqual(differences);
});
