import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readDownlinkResult } from './downlink-result.ts';

test.each<[string, unknown, object]>([
  ['bytes', { bytes: [0, 255] }, { bytes: Uint8Array.of(0, 255), fPort: undefined, warnings: [] }],
  ['a port', { bytes: [1], fPort: 223 }, { bytes: Uint8Array.of(1), fPort: 223, warnings: [] }],
  ['a port of another name', { bytes: [1], port: 100 }, { bytes: Uint8Array.of(1), fPort: 100, warnings: [] }],
  ['one as text', { bytes: [1], port: '100' }, { bytes: Uint8Array.of(1), fPort: 100, warnings: [] }],
  ['fPort before it', { bytes: [1], fPort: 2, port: 3 }, { bytes: Uint8Array.of(1), fPort: 2, warnings: [] }],
  [
    'what is null',
    { bytes: [1], fPort: null, warnings: null, errors: null },
    { bytes: Uint8Array.of(1), fPort: undefined, warnings: [] },
  ],
  [
    "Lua's empty tables",
    { bytes: {}, warnings: {}, errors: {} },
    { bytes: new Uint8Array(), fPort: undefined, warnings: [] },
  ],
  ['no bytes at all', { bytes: [] }, { bytes: new Uint8Array(), fPort: undefined, warnings: [] }],
  [
    'warnings, and no errors',
    { bytes: [1], warnings: ['clipped', 2], errors: [] },
    { bytes: Uint8Array.of(1), fPort: undefined, warnings: ['clipped', '2'] },
  ],
])('%s is read', (_name, returned, encoded) => {
  expect(readDownlinkResult({ returned })).toEqual(encoded);
});

const deep = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)) as unknown;

test.each<[string, unknown, string]>([
  ['nothing', null, 'The result is no object.'],
  ['bytes alone', [1, 2], 'The result is no object.'],
  ['no bytes', {}, 'bytes is no array.'],
  ['bytes as text', { bytes: '0102' }, 'bytes is no array.'],
  ['a byte of 256', { bytes: [0, 256] }, 'bytes[1] is 256: give integers from 0 to 255.'],
  ['a negative byte', { bytes: [-1] }, 'bytes[0] is -1: give integers from 0 to 255.'],
  ['half a byte', { bytes: [0.5] }, 'bytes[0] is 0.5: give integers from 0 to 255.'],
  ['a byte that is text', { bytes: ['1'] }, 'bytes[0] is "1": give integers from 0 to 255.'],
  ['a byte that is NaN', { bytes: [{ '\0': 'NaN' }] }, 'bytes[0] is an object: give integers from 0 to 255.'],
  ['more than can be sent', { bytes: Array(4_097).fill(0) }, 'bytes has 4097 elements: at most 4096 can be sent.'],
  ['a byte deeper than the stack reaches', { bytes: [deep] }, 'bytes[0] is an array: give integers from 0 to 255.'],
  ['port 0', { bytes: [], fPort: 0 }, 'fPort is 0: give an integer from 1 to 223.'],
  ['port 224', { bytes: [], fPort: 224 }, 'fPort is 224: give an integer from 1 to 223.'],
  ['a port that is text', { bytes: [], fPort: '2' }, 'fPort is "2": give an integer from 1 to 223.'],
  ['a port that is no number', { bytes: [], port: 'x' }, 'fPort is "x": give an integer from 1 to 223.'],
  ['an unknown member', { bytes: [], topic: 1 }, 'The result has the unknown member topic.'],
  ['reported errors', { errors: ['no such mode'] }, 'The script reported: no such mode'],
])('%s is a script_result', (_name, returned, detail) => {
  expect(readDownlinkResult({ returned })).toEqual({ code: 'script_result', detail, line: undefined });
});

test('whatever a script returns is bytes or a script_result', () => {
  const member = fc.constantFrom('bytes', 'fPort', 'warnings', 'errors');
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.dictionary(member, fc.jsonValue())), (returned) => {
      const read = readDownlinkResult({ returned });
      if ('code' in read) expect(read.code).toBe('script_result');
      else expect([...read.bytes]).toEqual(Object.values((returned as { bytes: object }).bytes));
    }),
  );
});
