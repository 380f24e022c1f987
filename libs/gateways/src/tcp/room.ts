/** What the connections of a TCP gateway may hold together. Who finds no room waits for it, in the order of asking. */

export interface RoomLimits {
  readonly linesMax: number;
  readonly bytesMax: number;
  readonly unfinishedBytesMax: number;
}

export class Room {
  readonly #limits: RoomLimits;
  #lines = 0;
  #bytes = 0;
  #unfinishedBytes = 0;
  readonly #waiting = new Set<() => void>();
  #waking = false;

  constructor(limits: RoomLimits) {
    this.#limits = limits;
  }

  get full(): boolean {
    return this.#lines >= this.#limits.linesMax || this.#bytes >= this.#limits.bytesMax;
  }

  /** Lines that wait for their answers; taken one by one, the limits are exceeded by one line at most. */
  take(lines: number, bytes: number): void {
    this.#lines += lines;
    this.#bytes += bytes;
  }

  /** They were answered. Whoever waits is called until it is full again. */
  give(lines: number, bytes: number): void {
    this.take(-lines, -bytes);
    if (this.#waking) return;
    this.#waking = true;
    for (const resume of this.#waiting) {
      if (this.full) break;
      this.#waiting.delete(resume);
      resume();
    }
    this.#waking = false;
  }

  /** `resume` is called once, when there is room. */
  wait(resume: () => void): void {
    this.#waiting.add(resume);
  }

  leave(resume: () => void): void {
    this.#waiting.delete(resume);
  }

  /** An unfinished line has grown or ended. False: there is no memory for what it has grown by, and nothing was counted. */
  changeUnfinished(bytes: number): boolean {
    if (bytes > 0 && this.#unfinishedBytes + bytes > this.#limits.unfinishedBytesMax) return false;
    this.#unfinishedBytes += bytes;
    return true;
  }
}
