/** The child's end of the socket. Blocking: the child has nothing to do but the next request, and no event loop in its way. */
import { readSync, writeSync } from 'node:fs';
import { FrameSplitter } from '../frame-splitter.ts';

const readBytes = 64 * 1024;
/** The parent is trusted: this only catches a broken stream. */
const requestBytesMax = 512 * 1024 * 1024;

export class BlockingSocket {
  readonly #descriptor: number;
  readonly #splitter = new FrameSplitter(requestBytesMax);

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** Frames in order until the parent closes its end. */
  *frames(): Generator<Buffer> {
    for (;;) {
      const chunk = Buffer.allocUnsafe(readBytes);
      const length = readSync(this.#descriptor, chunk);
      if (length === 0) return;
      yield* this.#splitter.push(chunk.subarray(0, length));
    }
  }

  write(frame: Buffer): void {
    let from = 0;
    while (from < frame.length) from += writeSync(this.#descriptor, frame, from);
  }
}
