/** Remembers which offsets of one partition are settled, in whatever order; says up to where a commit is allowed. */

/** Settled offsets kept in front before the list is cut: keeps cutting rare, and memory at the work in flight. */
const settledKeptMax = 1_024;

export class AckLedger {
  /** Taken offsets in ascending order; those before `#front` are settled and only wait to be cut off. */
  #offsets: bigint[] = [];
  #settled: boolean[] = [];
  #front = 0;
  #outstanding = 0;
  #committable: bigint | undefined;

  /** Work on the record begins. Offsets increase but have gaps (compaction, transaction markers); throws otherwise. */
  take(offset: bigint): void {
    const last = this.#offsets.at(-1);
    if (last !== undefined && offset <= last) throw new Error(`Offset ${offset} was taken after ${last}.`);
    this.#offsets.push(offset);
    this.#settled.push(false);
    this.#outstanding += 1;
  }

  /** The record reached one of its ends: done, parked or dead letter. Throws when it was not taken or is settled already. */
  settle(offset: bigint): void {
    const index = this.#indexOf(offset);
    if (index === undefined) throw new Error(`Offset ${offset} was settled but not taken, or settled twice.`);
    this.#settled[index] = true;
    this.#outstanding -= 1;
    while (this.#settled[this.#front]) {
      this.#committable = this.#offsets[this.#front]! + 1n;
      this.#front += 1;
    }
    this.#cut();
  }

  /** The offset to commit, where reading goes on: every record taken below it is settled. Undefined: no progress yet. */
  get committable(): bigint | undefined {
    return this.#committable;
  }

  /** Records taken and not settled. */
  get outstanding(): number {
    return this.#outstanding;
  }

  /** Position of an offset that is taken and not settled; mostly it is the front one. */
  #indexOf(offset: bigint): number | undefined {
    let low = this.#front;
    let high = this.#offsets.length;
    if (this.#offsets[low] === offset) return low;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#offsets[middle]! < offset) low = middle + 1;
      else high = middle;
    }
    return this.#offsets[low] === offset && !this.#settled[low] ? low : undefined;
  }

  /** Keeps the last one, so that `take` still knows what came before. */
  #cut(): void {
    const kept = this.#front - 1;
    if (kept < settledKeptMax) return;
    this.#offsets = this.#offsets.slice(kept);
    this.#settled = this.#settled.slice(kept);
    this.#front = 1;
  }
}
