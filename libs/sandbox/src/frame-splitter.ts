/** Cuts a stream of length-prefixed frames (u32, little endian) into frames; used at both ends of the socket. */

const lengthBytes = 4;

export class FrameSplitter {
  readonly #frameBytesMax: number;
  #chunks: Buffer[] = [];
  #bytes = 0;
  /** Bytes that must be there before looking again: keeps a large frame in small chunks linear. */
  #wanted = lengthBytes;

  /** A frame longer than `frameBytesMax` is refused, so that the other end cannot fill the memory. */
  constructor(frameBytesMax: number) {
    this.#frameBytesMax = frameBytesMax;
  }

  /** The frames that this chunk completes, without their lengths; they may share its memory. Throws RangeError. */
  push(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes < this.#wanted) return [];
    const bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks, this.#bytes);
    return this.#split(bytes);
  }

  #split(bytes: Buffer): Buffer[] {
    const frames: Buffer[] = [];
    let from = 0;
    this.#wanted = lengthBytes;
    while (bytes.length - from >= lengthBytes) {
      const length = bytes.readUInt32LE(from);
      if (length > this.#frameBytesMax) throw new RangeError(`A frame of ${length} bytes is longer than allowed.`);
      if (bytes.length - from < lengthBytes + length) {
        this.#wanted = lengthBytes + length;
        break;
      }
      frames.push(bytes.subarray(from + lengthBytes, from + lengthBytes + length));
      from += lengthBytes + length;
    }
    this.#chunks = from < bytes.length ? [bytes.subarray(from)] : [];
    this.#bytes = bytes.length - from;
    return frames;
  }
}
