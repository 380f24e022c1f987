/** Kafka's variable-length integers: zigzag, then seven bits a byte, lowest first. Up to 2^53, which offsets and times keep to. */

/** Zigzag of what fits 31 bits is done with integer operations; beyond that with doubles. */
const smallMax = 0x3fffffff;

/** Bytes that `writeVarint` will write. */
export function varintBytes(value: number): number {
  let rest = zigzag(value);
  let bytes = 1;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes += 1;
  return bytes;
}

/** Writes at `position`; returns the position after it. */
export function writeVarint(value: number, bytes: Buffer, position: number): number {
  let at = position;
  let rest = zigzag(value);
  for (; rest > smallMax; rest = Math.floor(rest / 0x80)) bytes[at++] = (rest % 0x80) | 0x80;
  for (; rest >= 0x80; rest >>>= 7) bytes[at++] = (rest & 0x7f) | 0x80;
  bytes[at++] = rest;
  return at;
}

function zigzag(value: number): number {
  if (value >= 0) return value * 2;
  return -value * 2 - 1;
}

/** Reads one integer after another from a buffer. */
export class VarintReader {
  readonly bytes: Buffer;
  position = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  next(): number {
    let byte = this.bytes[this.position++] ?? endOfBytes();
    if (byte < 0x80) return byte & 1 ? -((byte + 1) >> 1) : byte >> 1;
    let value = byte & 0x7f;
    for (let weight = 0x80; byte >= 0x80; weight *= 0x80) {
      byte = this.bytes[this.position++] ?? endOfBytes();
      value += (byte & 0x7f) * weight;
    }
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }

  /** The bytes of a length-prefixed field; -1 stands for null. They share the memory of the whole buffer. */
  nextBytes(): Buffer | null {
    const length = this.next();
    if (length < 0) return null;
    const start = this.position;
    this.position += length;
    if (this.position > this.bytes.length) endOfBytes();
    return this.bytes.subarray(start, this.position);
  }
}

function endOfBytes(): never {
  throw new RangeError('The record batch ends in the middle of a record.');
}
