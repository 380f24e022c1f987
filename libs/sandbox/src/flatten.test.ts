import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FlatRows, flatten, type FlatValue, plainOrigin, rowsMax } from './flatten.ts';

function flat(data: object): Record<string, FlatValue> {
  const into = new FlatRows();
  flatten(data, plainOrigin, into);
  return Object.fromEntries(into.rows.map(({ name, value }) => [name, value]));
}

const nested = (levels: number): object => (levels === 1 ? { a: 1 } : { a: nested(levels - 1) });

test.each<[string, object, Record<string, FlatValue>]>([
  ['paths are joined with dots', { a: { b: { c: 1 } }, d: 2 }, { 'a.b.c': 1, d: 2 }],
  ['arrays count from 0', { a: [1, [2, 3], { b: 4 }] }, { 'a.0': 1, 'a.1.0': 2, 'a.1.1': 3, 'a.2.b': 4 }],
  ['text, booleans and null stay', { a: 'x', b: true, c: null }, { a: 'x', b: true, c: null }],
  ['empty objects and arrays give no row', { a: {}, b: [], c: 1 }, { c: 1 }],
  ['2^53 - 1 is exact', { a: 9007199254740991 }, { a: 9007199254740991 }],
  [
    'larger integers become text',
    { a: 9007199254740992, b: -1e20 },
    { a: '9007199254740992', b: '-100000000000000000000' },
  ],
  ['from 1e21 on numbers are measurements', { a: 1e21, b: -3e300 }, { a: 1e21, b: -3e300 }],
  ['a name of 128 characters is taken', { ['n'.repeat(128)]: 1 }, { ['n'.repeat(128)]: 1 }],
  ['16 levels are taken', nested(16), { [Array(16).fill('a').join('.')]: 1 }],
  ['a member __proto__ is a name like others', JSON.parse('{"__proto__": {"a": 1}}'), { '__proto__.a': 1 }],
])('%s', (_sentence, data, rows) => {
  expect(flat(data)).toEqual(rows);
});

test.each<[string, object, string]>([
  ['an empty name', { '': 1 }, 'has not 1 to 128 characters'],
  ['a name of 129 characters', { ['n'.repeat(129)]: 1 }, 'has not 1 to 128 characters'],
  ['17 levels', nested(17), 'deeper than 16'],
  ['1,001 rows', { a: Array(rowsMax + 1).fill(0) }, 'more than 1000 rows'],
  ['text of 4,097 characters', { a: 'x'.repeat(4_097) }, 'longer than 4096'],
])('%s is refused', (_sentence, data, detail) => {
  expect(() => flat(data)).toThrow(detail);
});

test('an object that looks like a NaN and is none is an object', () => {
  const into = new FlatRows();
  flatten({ a: { '\0': { toString: 1 } }, b: { '\0': 'x' } }, plainOrigin, into);
  expect(into.rows.map(({ name, value }) => [name, value])).toEqual([
    ['a.\0.toString', 1],
    ['b.\0', 'x'],
  ]);
});

test('what stands for NaN and infinities becomes null with a warning', () => {
  const into = new FlatRows();
  flatten({ a: { '\0': 'NaN' }, b: [{ '\0': '-Infinity' }] }, plainOrigin, into);
  expect(into.rows.map(({ name, value }) => [name, value])).toEqual([
    ['a', null],
    ['b.0', null],
  ]);
  expect(into.warnings).toEqual(['a is NaN; stored as null.', 'b.0 is -Infinity; stored as null.']);
});

test('every leaf of any data is one row under its path, and rows come in the order of the data', () => {
  const leaf = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true, max: 1e15, min: -1e15 }),
    fc.string(),
    fc.boolean(),
  );
  const key = fc.string({ minLength: 1, maxLength: 5 }).filter((name) => !name.includes('.') && name !== '\0');
  const { tree } = fc.letrec((tie) => ({
    tree: fc.dictionary(
      key,
      fc.oneof({ depthSize: 'small', withCrossShrink: true }, leaf, tie('tree'), fc.array(leaf)),
    ),
  }));
  fc.assert(
    fc.property(tree, (data) => {
      const into = new FlatRows();
      const origin = { timeMicros: 7, quality: 1, identificationCode: 'SN-7' } as const;
      flatten(data as object, origin, into);
      const expected = leavesOf(data, []).map(([path, value]) => ({ name: path.join('.'), value, ...origin }));
      expect(into.rows).toEqual(expected);
    }),
  );
});

function leavesOf(value: unknown, path: readonly string[]): [readonly string[], unknown][] {
  if (typeof value !== 'object' || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, member]) => leavesOf(member, [...path, key]));
}
