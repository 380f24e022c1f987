import { anyText } from '@millrace/testkit/any-text';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Block, Register } from './register-map.ts';
import { valuesOf } from './values.ts';

const register: Register = {
  name: 'x',
  table: 'holding',
  address: 100,
  type: 'uint16',
  byteOrder: 'ABCD',
  bit: 0,
  length: 1,
  scale: 1,
  offset: 0,
};

/** What `data`, which begins at `address`, says of the register. */
function valueOf(change: Partial<Register>, data: Buffer, address = 100) {
  const one = { ...register, ...change };
  const block: Block = { table: one.table, address, count: 0, registers: [one] };
  const [[name, value] = []] = valuesOf(block, data);
  expect(name).toBe('x');
  return value;
}

/** How machines of each order send bytes that are ABCD; written by the letters, not by the decoder's arithmetic. */
const permutations = {
  ABCD: (bytes: readonly number[]) => bytes,
  CDAB: (bytes: readonly number[]) => words(bytes).toReversed().flat(),
  BADC: (bytes: readonly number[]) => words(bytes).flatMap((word) => word.toReversed()),
  DCBA: (bytes: readonly number[]) => bytes.toReversed(),
} as const;

function words(bytes: readonly number[]): number[][] {
  return Array.from({ length: bytes.length / 2 }, (_, index) => bytes.slice(index * 2, index * 2 + 2));
}

const orders = fc.constantFrom(...(Object.keys(permutations) as (keyof typeof permutations)[]));
const before = fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes.subarray(0, bytes.length & ~1)));

const numbers = {
  int16: {
    value: fc.integer({ min: -0x8000, max: 0x7fff }),
    write: (view: DataView, value: number) => view.setInt16(0, value),
    bytes: 2,
  },
  uint16: {
    value: fc.integer({ min: 0, max: 0xffff }),
    write: (view: DataView, value: number) => view.setUint16(0, value),
    bytes: 2,
  },
  int32: { value: fc.integer(), write: (view: DataView, value: number) => view.setInt32(0, value), bytes: 4 },
  uint32: {
    value: fc.integer({ min: 0, max: 0xffff_ffff }),
    write: (view: DataView, value: number) => view.setUint32(0, value),
    bytes: 4,
  },
  float32: { value: fc.float(), write: (view: DataView, value: number) => view.setFloat32(0, value), bytes: 4 },
  float64: { value: fc.double(), write: (view: DataView, value: number) => view.setFloat64(0, value), bytes: 8 },
} as const;

test.each(Object.entries(numbers))(
  '%s comes back from every order of bytes, wherever it is',
  (type, { value, write, bytes }) => {
    fc.assert(
      fc.property(value, orders, before, (sent, byteOrder, garbage) => {
        const abcd = new Uint8Array(bytes);
        write(new DataView(abcd.buffer), sent);
        const data = Buffer.concat([garbage, Buffer.from(permutations[byteOrder]([...abcd])), garbage]);
        const read = valueOf({ type: type as keyof typeof numbers, byteOrder }, data, 100 - garbage.length / 2);
        expect(read).toBe(Number.isFinite(sent) ? sent + 0 : null);
      }),
    );
  },
);

test('a number is scaled, then moved; what is no number afterwards is null', () => {
  const word = Buffer.from([0, 10]);
  expect(valueOf({ scale: 0.5, offset: -3 }, word)).toBe(2);
  expect(valueOf({ scale: Number.MAX_VALUE, offset: 0 }, word)).toBeNull();
});

test('coils and discrete inputs are bits from the lowest of the first byte', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 20 }), fc.nat(), (bytes, seed) => {
      const at = seed % (bytes.length * 8);
      const expected = [...bytes].flatMap((byte) => byte.toString(2).padStart(8, '0').split('').toReversed())[at];
      const read = valueOf({ table: 'coil', type: 'bool', address: 100 + at }, Buffer.from(bytes));
      expect(read).toBe(expected === '1');
    }),
  );
});

test('a bool of a register is one of its bits', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 15 }), (bit) => {
      const word = Buffer.alloc(2);
      word.writeUInt16BE(2 ** bit);
      for (let other = 0; other < 16; other += 1)
        expect(valueOf({ type: 'bool', bit: other }, word)).toBe(other === bit);
    }),
  );
});

test('text ends at its first NUL and has no blanks at its end, in either order of bytes', () => {
  fc.assert(
    fc.property(anyText, fc.constantFrom('ABCD', 'BADC'), (text, byteOrder) => {
      const sent = text.replaceAll('\0', '').trimEnd();
      const bytes = Buffer.from(`${sent}   \0left over`);
      const padded = Buffer.concat([bytes, Buffer.alloc(bytes.length % 2)]);
      const data = byteOrder === 'BADC' ? Buffer.from(padded).swap16() : padded;
      expect(valueOf({ type: 'string', length: padded.length / 2, byteOrder }, data)).toBe(sent);
    }),
  );
});
