import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatJsonPointer, parseJsonPointer } from './json-pointer.ts';

/** The document of RFC 6901, section 5. */
const document = { foo: ['bar', 'baz'], '': 0, 'a/b': 1, 'c%d': 2, 'm~n': 8, ' ': 7 };

test.each([
  ['', document],
  ['/foo', ['bar', 'baz']],
  ['/foo/0', 'bar'],
  ['/', 0],
  ['/a~1b', 1],
  ['/c%d', 2],
  ['/m~0n', 8],
  ['/ ', 7],
])('"%s" leads where RFC 6901 says', (text, value) => {
  expect(parseJsonPointer(text)?.resolve(document)).toEqual(value);
});

test.each(['/nothing', '/foo/2', '/foo/-', '/foo/00', '/foo/0/0', '/foo/length', '/toString', '/__proto__'])(
  '"%s" leads nowhere',
  (text) => {
    expect(parseJsonPointer(text)?.resolve(document)).toBeUndefined();
  },
);

test.each(['foo', '/a~2', '/a~'])('"%s" is not a pointer', (text) => {
  expect(parseJsonPointer(text)).toBeUndefined();
});

test('any value of a document is found by the pointer to it', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 5 }), fc.jsonValue(), (steps, value) => {
      const nested = steps.reduceRight<unknown>((inner, step) => Object.fromEntries([[step, inner]]), value);
      expect(parseJsonPointer(formatJsonPointer(steps))?.resolve(nested)).toEqual(value);
    }),
  );
});
