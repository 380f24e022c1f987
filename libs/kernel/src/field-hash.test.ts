import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fieldHash } from './field-hash.ts';

test('it is the start of SHA-256 over netstrings', () => {
  const text = '4:mill,12:température,2:-7,';
  expect(fieldHash('mill', 'température', -7)).toEqual(createHash('sha256').update(text).digest().subarray(0, 16));
});

test('fields do not run into each other', () => {
  const fields = fc.array(fc.string(), { maxLength: 4 });
  const property = fc.property(fields, fields, (a, b) => {
    expect(fieldHash(...a).equals(fieldHash(...b))).toBe(JSON.stringify(a) === JSON.stringify(b));
  });
  fc.assert(property);
});
