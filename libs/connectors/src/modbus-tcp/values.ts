/** Bytes of an answer → values. */
import { type Block, type Register, widthOf } from './register-map.ts';

export type Value = number | boolean | string | null;

/** The value of each register of the block, by name. `data`: bits from the lowest of the first byte, or words of two bytes. */
export function valuesOf(
  { table, address, registers }: Block,
  data: Buffer,
): (readonly [name: string, value: Value])[] {
  const isBits = table === 'coil' || table === 'discrete';
  return registers.map((register) => {
    const at = register.address - address;
    if (isBits) return [register.name, (((data[at >> 3] ?? 0) >> (at & 7)) & 1) === 1];
    return [register.name, wordsValue(register, data.subarray(at * 2, (at + widthOf(register)) * 2))];
  });
}

function wordsValue(register: Register, words: Buffer): Value {
  const { type, bit, scale, offset } = register;
  if (type === 'string') return textOf(register, words);
  const bytes = inOrder(register, words);
  if (type === 'bool') return ((bytes.readUInt16BE(0) >> bit) & 1) === 1;
  const value = numberIn[type](bytes) * scale + offset;
  return Number.isFinite(value) ? value : null;
}

const numberIn = {
  int16: (bytes: Buffer) => bytes.readInt16BE(0),
  uint16: (bytes: Buffer) => bytes.readUInt16BE(0),
  int32: (bytes: Buffer) => bytes.readInt32BE(0),
  uint32: (bytes: Buffer) => bytes.readUInt32BE(0),
  float32: (bytes: Buffer) => bytes.readFloatBE(0),
  float64: (bytes: Buffer) => bytes.readDoubleBE(0),
} as const;

/** As ABCD, in memory of its own. */
function inOrder({ byteOrder }: Register, words: Buffer): Buffer {
  const bytes = Buffer.from(words);
  if (byteOrder === 'CDAB' || byteOrder === 'DCBA') bytes.reverse();
  // To reverse all bytes swaps the words, and the bytes of each word, which are then put back.
  if (byteOrder === 'CDAB' || byteOrder === 'BADC') bytes.swap16();
  return bytes;
}

/** Up to its first NUL, without the blanks with which machines fill up. Words of text have no order among them. */
function textOf({ byteOrder }: Register, words: Buffer): string {
  const bytes = Buffer.from(words);
  if (byteOrder === 'BADC' || byteOrder === 'DCBA') bytes.swap16();
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end).trimEnd();
}
