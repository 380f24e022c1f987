/** Memory for many small values, so that the collector sees one buffer instead of thousands. */

/** A value that somebody keeps holds its whole slab: large enough for thousands of values, small enough to be kept by mistake. */
const slabBytes = 512 * 1024;

/** Writes a value at `position` and returns the new one, or -N when at least N bytes are missing (as avsc's `encode`). */
export interface SlabWriter<T> {
  writeAt(value: T, bytes: Buffer, position: number): number;
}

export class Slab<T> {
  readonly #writer: SlabWriter<T>;
  #bytes = Buffer.alloc(0);
  #position = 0;

  constructor(writer: SlabWriter<T>) {
    this.#writer = writer;
  }

  /** The bytes of a value. They are never used again for something else. */
  write(value: T): Buffer {
    const start = this.#position;
    const end = this.#writer.writeAt(value, this.#bytes, start);
    if (end >= 0) {
      this.#position = end;
      return this.#bytes.subarray(start, end);
    }
    const bytesNeeded = this.#bytes.length - start - end;
    if (bytesNeeded > slabBytes / 2) return this.#writeApart(value, bytesNeeded);
    this.#bytes = Buffer.allocUnsafeSlow(slabBytes);
    this.#position = 0;
    return this.write(value);
  }

  /** A large value gets a buffer of its own: it would waste the rest of a slab. */
  #writeApart(value: T, bytesNeeded: number): Buffer {
    const bytes = Buffer.allocUnsafeSlow(bytesNeeded);
    return bytes.subarray(0, this.#writer.writeAt(value, bytes, 0));
  }
}
