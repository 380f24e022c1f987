/** The end of a log file, and what is added to it. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** How much of a file is read at once, and from its end at first. */
const readBytesMax = 1024 * 1024;
const pollMs = 250;

export class LogTail {
  readonly #file: string;
  readonly #show: (line: string) => void;
  #position = 0;
  #rest = '';

  constructor(file: string, show: (line: string) => void) {
    this.#file = file;
    this.#show = show;
  }

  showLast(lines: number): void {
    this.#position = Math.max(0, this.#size() - readBytesMax);
    const all = this.#newLines();
    for (const line of all.slice(Math.max(0, all.length - lines))) this.#show(line);
  }

  /** Shows new lines until the signal fires. */
  async follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      for (const line of this.#newLines()) this.#show(line);
      await sleep(pollMs, undefined, { signal }).catch(() => {});
    }
  }

  /** Complete lines since the last call; starts again at the beginning of a file that was cut. */
  #newLines(): string[] {
    if (this.#size() < this.#position) this.#position = 0;
    const descriptor = openSync(this.#file, 'r');
    try {
      const buffer = Buffer.alloc(readBytesMax);
      const bytes = readSync(descriptor, buffer, 0, buffer.length, this.#position);
      this.#position += bytes;
      const lines = (this.#rest + buffer.toString('utf8', 0, bytes)).split('\n');
      this.#rest = lines.pop() ?? '';
      return lines;
    } finally {
      closeSync(descriptor);
    }
  }

  #size(): number {
    const descriptor = openSync(this.#file, 'r');
    try {
      return fstatSync(descriptor).size;
    } finally {
      closeSync(descriptor);
    }
  }
}
