/** True time, which nobody in the simulation can read, and what happens in it, in order. */

interface Due {
  readonly atMs: number;
  readonly order: number;
  readonly happen: () => void;
}

export class Timeline {
  readonly #heap: Due[] = [];
  #order = 0;
  #nowMs = 0;

  get nowMs(): number {
    return this.#nowMs;
  }

  at(atMs: number, happen: () => void): void {
    this.#order += 1;
    const due = { atMs: Math.max(atMs, this.#nowMs), order: this.#order, happen };
    const heap = this.#heap;
    let place = heap.push(due) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!isBefore(due, heap[parent]!)) break;
      heap[place] = heap[parent]!;
      place = parent;
    }
    heap[place] = due;
  }

  after(ms: number, happen: () => void): void {
    this.at(this.#nowMs + ms, happen);
  }

  runUntil(endMs: number): void {
    while (this.#heap.length > 0 && this.#heap[0]!.atMs <= endMs) {
      const { atMs, happen } = this.#take();
      this.#nowMs = atMs;
      happen();
    }
    this.#nowMs = endMs;
  }

  #take(): Due {
    const heap = this.#heap;
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (!isBefore(heap[child]!, last)) break;
      heap[place] = heap[child]!;
      place = child;
    }
    heap[place] = last;
    return first;
  }
}

function isBefore(one: Due, other: Due): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}
