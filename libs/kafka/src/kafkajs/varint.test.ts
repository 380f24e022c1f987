import fc from 'fast-check';
import { expect, test } from 'vitest';
import { varintBytes, VarintReader, writeVarint } from './varint.ts';

test.each([
  [0, [0]],
  [-1, [1]],
  [1, [2]],
  [63, [0x7e]],
  [-64, [0x7f]],
  [64, [0x80, 0x01]],
  [300, [0xd8, 0x04]],
])('%i is written as in the protocol buffers specification', (value, bytes) => {
  const buffer = Buffer.alloc(10);
  expect([...buffer.subarray(0, writeVarint(value, buffer, 0))]).toEqual(bytes);
});

test('integers come back one after another, in as many bytes as were foretold', () => {
  fc.assert(
    fc.property(fc.array(fc.maxSafeInteger().map((value) => Math.trunc(value / 2))), (values) => {
      const bytes = Buffer.alloc(values.reduce((sum, value) => sum + varintBytes(value), 0));
      expect(values.reduce((at, value) => writeVarint(value, bytes, at), 0)).toBe(bytes.length);
      const reader = new VarintReader(bytes);
      expect(values.map(() => reader.next())).toEqual(values.map((value) => value + 0));
    }),
  );
});

test('bytes that end too soon are an error and not a number', () => {
  expect(() => new VarintReader(Buffer.from([0x80])).next()).toThrow(RangeError);
  expect(() => new VarintReader(Buffer.from([20, 1, 2])).nextBytes()).toThrow(RangeError);
});
