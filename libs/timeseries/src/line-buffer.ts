/** A byte buffer that is written from the front, grows, and is used again; with the numbers of the line protocol. */

/** Small: there are two for each table, and a tenant may have one. Growing doubles. */
const startBytes = 64 * 1_024;

/** A flush of 25,000 rows takes about 4 MB. A buffer that one batch of long texts made larger is given back when cleared. */
const keptBytesMax = 8 * 1_024 * 1_024;

/** Where an integer is cut in two: both halves fit 32 bits, whose division is fast. */
const half = 100_000_000;
const halfDigits = 8;

const digitZero = 48;

export class LineBuffer {
  #bytes: Buffer = Buffer.allocUnsafeSlow(startBytes);
  #view = viewOf(this.#bytes);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The written bytes between two positions; valid until the next write or `clear`. */
  slice(from: number, to: number): Uint8Array {
    return this.#bytes.subarray(from, to);
  }

  /** Makes room for so many bytes; the other methods write without looking. */
  reserve(count: number): void {
    if (this.#length + count > this.#bytes.length) this.#grow(this.#length + count);
  }

  bytes(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  text(text: string): void {
    this.#length += this.#bytes.write(text, this.#length);
  }

  /** Repeats bytes written before. */
  repeat(from: number, to: number): void {
    this.#bytes.copyWithin(this.#length, from, to);
    this.#length += to - from;
  }

  /** Eight bytes, little endian. */
  double(value: number): void {
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  /** Decimal digits of an integer from 0 to 2^53 - 1. */
  integer(value: number): void {
    if (value < half) return this.#digits(value, digitsOf(value));
    const high = Math.floor(value / half);
    this.#digits(high, digitsOf(high));
    this.#digits(value - high * half, halfDigits);
  }

  clear(): void {
    this.#length = 0;
    if (this.#bytes.length > keptBytesMax) this.#replace(Buffer.allocUnsafeSlow(startBytes));
  }

  #digits(value: number, count: number): void {
    let rest = value | 0;
    for (let at = this.#length + count - 1; at >= this.#length; at -= 1) {
      const shorter = (rest / 10) | 0;
      this.#bytes[at] = digitZero + rest - shorter * 10;
      rest = shorter;
    }
    this.#length += count;
  }

  #grow(bytesMin: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(bytesMin, 2 * this.#bytes.length));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#replace(larger);
  }

  #replace(bytes: Buffer): void {
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function digitsOf(value: number): number {
  let count = 1;
  for (let limit = 10; value >= limit; limit *= 10) count += 1;
  return count;
}
