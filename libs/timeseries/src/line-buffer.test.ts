import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineBuffer } from './line-buffer.ts';

function written(buffer: LineBuffer): string {
  return Buffer.from(buffer.slice(0, buffer.length)).toString();
}

test('an integer is written in decimal digits', () => {
  const buffer = new LineBuffer();
  const edges = fc.constantFrom(0, 9, 10, 99_999_999, 100_000_000, 100_000_001, Number.MAX_SAFE_INTEGER);
  fc.assert(
    fc.property(fc.oneof(edges, fc.maxSafeNat()), (integer) => {
      buffer.clear();
      buffer.integer(integer);
      expect(written(buffer)).toBe(String(integer));
    }),
  );
});

test('what was written stays when the buffer grows', () => {
  const buffer = new LineBuffer();
  buffer.text('start');
  buffer.reserve(10_000_000);
  buffer.text('end');
  expect(written(buffer)).toBe('startend');
});

test('bytes written before are repeated', () => {
  const buffer = new LineBuffer();
  buffer.text('start,end');
  buffer.repeat(5, 9);
  expect(written(buffer)).toBe('start,end,end');
});
