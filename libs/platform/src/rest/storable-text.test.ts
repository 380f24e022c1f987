import { anyText } from '@millrace/testkit/any-text';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { requireStorableText, unstorableText } from './storable-text.ts';

test('text of any characters but NUL can be stored', () => {
  fc.assert(fc.property(anyText, (text) => (unstorableText({ text }) === undefined) === !text.includes('\0')));
});

test.each([
  ['a NUL', { a: ['x', 'y\0'] }, 'a.1'],
  ['the first half of a pair', { a: { b: '\ud800' } }, 'a.b'],
  ['the second half', 'x\udfff', ''],
  ['the name of a member', { a: { '\0': 1 } }, 'a'],
])('%s cannot, wherever it stands', (_, value, field) => {
  expect(unstorableText(value)?.field).toBe(field);
  expect(() => requireStorableText(value)).toThrow(/NUL/);
});

test('depth costs nothing', () => {
  const deep = JSON.parse(`${'['.repeat(300_000)}"a"${']'.repeat(300_000)}`) as unknown;
  expect(unstorableText(deep)).toBeUndefined();
});
