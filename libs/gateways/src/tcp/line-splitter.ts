/**
 * Cuts a stream of bytes into lines, however it comes in pieces. A line ends with LF or CR LF, which are not part of it, and has
 * at most `lineBytesMax` bytes: a sender without newlines must not fill the memory.
 */

/** Stands for a line that had more bytes; it comes as soon as that is known, and the rest of the line is skipped. */
export const tooLong: unique symbol = Symbol('a line that is too long');

export type Line = Buffer | typeof tooLong;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const nothing: Buffer = Buffer.alloc(0);

export class LineSplitter {
  /** May change between lines. */
  lineBytesMax: number;
  /** The first `#begunBytes` are of a line that has not ended; the others are for what comes of it. */
  #begun = nothing;
  #begunBytes = 0;
  /** What was pushed and not looked at. */
  #rest = nothing;
  #skipping = false;

  constructor(lineBytesMax: number) {
    this.lineBytesMax = lineBytesMax;
  }

  /** Bytes of a line that has begun and not ended; zero while one is skipped. Counts what `next` has seen. */
  get unfinishedBytes(): number {
    return this.#begunBytes;
  }

  /** Takes the bytes over. Call it after `next` has returned undefined. */
  push(bytes: Buffer): void {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
  }

  /** The next line; undefined: it has not ended yet. Shares memory with what was pushed. */
  next(): Line | undefined {
    for (;;) {
      const end = this.#rest.indexOf(lineFeed);
      if (end < 0) return this.#keepRest();
      const piece = this.#rest.subarray(0, end);
      this.#rest = this.#rest.subarray(end + 1);
      if (!this.#skipping) return this.#lineEndingWith(piece);
      this.#skipping = false;
    }
  }

  /** Gives the unfinished line up: what is there and what is to come of it. */
  skip(): void {
    this.#skipping = true;
    this.#forgetBegun();
  }

  #keepRest(): Line | undefined {
    const rest = this.#rest;
    this.#rest = nothing;
    if (this.#skipping || rest.length === 0) return undefined;
    // One more than a line may have: it could be the carriage return of its end.
    if (this.#begunBytes + rest.length > this.lineBytesMax + 1) {
      this.skip();
      return tooLong;
    }
    this.#append(rest);
    return undefined;
  }

  #lineEndingWith(piece: Buffer): Line {
    const whole = this.#begunBytes === 0 ? piece : this.#append(piece);
    this.#forgetBegun();
    const line = whole.at(-1) === carriageReturn ? whole.subarray(0, -1) : whole;
    return line.length > this.lineBytesMax ? tooLong : line;
  }

  /** Into one buffer that doubles: a line that comes byte by byte must not become thousands of objects. */
  #append(piece: Buffer): Buffer {
    const bytes = this.#begunBytes + piece.length;
    if (bytes > this.#begun.length) {
      const larger = Buffer.allocUnsafe(Math.max(bytes, 2 * this.#begun.length));
      this.#begun.copy(larger, 0, 0, this.#begunBytes);
      this.#begun = larger;
    }
    piece.copy(this.#begun, this.#begunBytes);
    this.#begunBytes = bytes;
    return this.#begun.subarray(0, bytes);
  }

  #forgetBegun(): void {
    this.#begun = nothing;
    this.#begunBytes = 0;
  }
}
