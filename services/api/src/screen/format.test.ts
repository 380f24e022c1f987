import { expect, test } from 'vitest';
import { agoText, countText, durationText, intervalText, numberText, rateText, unitSign, valueText } from './format.ts';

test.each([
  [21.534999, '21.53'],
  [-0.0042131, '-0.004213'],
  [1013.25, '1,013'],
  [123_456.7, '123,457'],
  [0, '0'],
  [Number.NaN, '–'],
])('the number %f is written %s', (value, text) => {
  expect(numberText(value)).toBe(text);
});

test.each([
  [28.29, 'Cel', '28.29\u202F°C'],
  [5, '', '5'],
  [3, '{count}', '3'],
  [true, '', 'yes'],
  [null, 'Cel', '–'],
  ['<b>open</b>', '', '<b>open</b>'],
  ['', '', '(empty)'],
])('the value %s %s is written %s', (value, unit, text) => {
  expect(valueText(value, unit)).toBe(text);
});

test('units that nobody translated stay what they are', () => {
  expect(unitSign('mg/L')).toBe('mg/L');
});

test('rates, counts and ages have the precision that a glance can use', () => {
  expect([null, 0, 12.345, 1_234.5].map(rateText)).toEqual(['…', '0.0/s', '12.3/s', '1,235/s']);
  expect([999, 9_999, 12_345, 3_200_000].map(countText)).toEqual(['999', '9,999', '12.3K', '3.2M']);
  expect([-5, 2_400, 99_000, 180_000, 7_200_000, 259_200_000].map(durationText)).toEqual([
    '0 s',
    '2 s',
    '99 s',
    '3 min',
    '2 h',
    '3 d',
  ]);
  expect(agoText('2026-03-01T12:00:00Z', Date.UTC(2026, 2, 1, 12, 0, 7))).toBe('7 s ago');
});

test('limits read as people write them', () => {
  expect(intervalText(6, 8, 'Cel')).toBe('6 to 8\u202F°C');
  expect(intervalText(8, null, 'Cel')).toBe('≥ 8\u202F°C');
  expect(intervalText(null, 2, '')).toBe('< 2');
});
