import { expect, test } from 'vitest';
import { plainOrigin, type RowOrigin } from './flatten.ts';
import { readUplinkResult } from './uplink-result.ts';

const row = (name: string, value: unknown, origin: Partial<RowOrigin> = {}) => ({
  name,
  value,
  ...plainOrigin,
  ...origin,
});

test.each<[string, unknown, object]>([
  [
    'a LoRaWAN result',
    { data: { t: 1, s: { h: 2 } } },
    { rows: [row('t', 1), row('s.h', 2)], timeMicros: null, warnings: [] },
  ],
  [
    'a result with a time',
    { data: { t: 1 }, time: 1_700_000_000 },
    { rows: [row('t', 1)], timeMicros: 1.7e15, warnings: [] },
  ],
  ['a null time', { data: { t: 1 }, time: null }, { rows: [row('t', 1)], timeMicros: null, warnings: [] }],
  [
    'a data row list',
    { data: [{ time: 1, values: { t: 1 } }, { values: { t: 2, h: 3 } }] },
    { rows: [row('t', 1, { timeMicros: 1_000_000 }), row('t', 2), row('h', 3)], timeMicros: null, warnings: [] },
  ],
  [
    'qualities, by element',
    {
      data: [
        { quality: 'uncertain', values: { t: 1, h: 2 } },
        { quality: 2, values: { p: 3 } },
        { quality: 'good', values: { q: 4 } },
        { quality: null, values: { r: 5 } },
      ],
    },
    {
      rows: [
        row('t', 1, { quality: 1 }),
        row('h', 2, { quality: 1 }),
        row('p', 3, { quality: 2 }),
        row('q', 4),
        row('r', 5),
      ],
      timeMicros: null,
      warnings: [],
    },
  ],
  [
    'rows of sub-devices, between those of the sender',
    { data: [{ values: { t: 1 } }, { identificationCode: 'SN-7', time: 1, values: { t: 2 } }, { values: { u: 3 } }] },
    {
      rows: [row('t', 1), row('t', 2, { identificationCode: 'SN-7', timeMicros: 1_000_000 }), row('u', 3)],
      timeMicros: null,
      warnings: [],
    },
  ],
  ['no rows', { data: {} }, { rows: [], timeMicros: null, warnings: [] }],
  [
    'warnings',
    { data: {}, warnings: ['low battery', 3, null, { toString: 1 }, [1]] },
    { rows: [], timeMicros: null, warnings: ['low battery', '3', 'null', 'an object', 'an array'] },
  ],
  ["Lua's empty tables", { data: {}, errors: {}, warnings: {} }, { rows: [], timeMicros: null, warnings: [] }],
  ['no errors', { data: {}, errors: [] }, { rows: [], timeMicros: null, warnings: [] }],
])('%s is read', (_name, returned, decoded) => {
  expect(readUplinkResult(returned)).toEqual(decoded);
});

test.each<[string, unknown, string]>([
  ['nothing', null, 'The result is no object.'],
  ['a number', 1, 'The result is no object.'],
  ['an array', [], 'The result is no object.'],
  ['no data', {}, 'data is no object.'],
  ['data that is text', { data: 'x' }, 'data is no object.'],
  ['an unknown member', { data: {}, rows: [] }, 'The result has the unknown member rows.'],
  ['an element without values', { data: [{ t: 1 }] }, 'An element of data has the unknown member t.'],
  ['an element with values that are a list', { data: [{ values: [1] }] }, 'values is no object.'],
  ['reported objects', { errors: [{ toString: 1 }] }, 'The script reported: an object'],
  [
    'a quality of another kind',
    { data: [{ quality: 'Good', values: {} }] },
    `quality is "Good": give 'good', 'uncertain' or 'bad', or 0, 1 or 2.`,
  ],
  [
    'a quality of another number',
    { data: [{ quality: 3, values: {} }] },
    `quality is 3: give 'good', 'uncertain' or 'bad', or 0, 1 or 2.`,
  ],
  [
    'a quality that is an object',
    { data: [{ quality: { toString: 1 }, values: {} }] },
    `quality is an object: give 'good', 'uncertain' or 'bad', or 0, 1 or 2.`,
  ],
  [
    'a code that is a number',
    { data: [{ identificationCode: 7, values: {} }] },
    'identificationCode is no text of 1 to 128 characters.',
  ],
  [
    'an empty code',
    { data: [{ identificationCode: '', values: {} }] },
    'identificationCode is no text of 1 to 128 characters.',
  ],
  [
    'a code of 129 characters',
    { data: [{ identificationCode: 'x'.repeat(129), values: {} }] },
    'identificationCode is no text of 1 to 128 characters.',
  ],
  ['reported errors', { errors: ['unknown fPort', 'short'] }, 'The script reported: unknown fPort; short'],
  ['an error that is text', { errors: 'no such port' }, 'The script reported: no such port'],
  ['warnings that are text', { data: {}, warnings: 'x' }, 'warnings is no array.'],
])('%s is a script_result', (_name, returned, detail) => {
  expect(readUplinkResult(returned)).toEqual({ code: 'script_result', detail, line: undefined });
});

test('a time that is none is a script_result', () => {
  expect(readUplinkResult({ data: {}, time: 'now' })).toMatchObject({ code: 'script_result' });
});

test.each<[string, (deep: unknown) => object]>([
  ['warning', (deep) => ({ data: {}, warnings: [deep] })],
  ['error', (deep) => ({ errors: [deep] })],
  ['time', (time) => ({ data: {}, time })],
  ['value', (deep) => ({ data: { deep } })],
])('a %s nested deeper than the stack reaches is read', (_name, returned) => {
  const deep = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)) as unknown;
  expect(() => readUplinkResult(returned(deep))).not.toThrow();
});

test('at most 16 warnings of 256 characters are kept', () => {
  const warnings = Array.from({ length: 20 }, () => 'w'.repeat(300));
  const kept = Array.from({ length: 16 }, () => 'w'.repeat(256));
  expect(readUplinkResult({ data: {}, warnings })).toMatchObject({ warnings: kept });
});
