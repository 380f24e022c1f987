/** Work that is done once for as long as something lasts, such as the assignment of partitions, whoever asks for it first. */
export class OncePerSignal<T> {
  readonly #work: (signal: AbortSignal) => Promise<T>;
  readonly #begun = new WeakMap<AbortSignal, Promise<T>>();

  constructor(work: (signal: AbortSignal) => Promise<T>) {
    this.#work = work;
  }

  /** The result of the work that was begun with this signal, or is begun now; what failed is begun again by the next who asks. */
  of(signal: AbortSignal): Promise<T> {
    const begun = this.#begun.get(signal);
    if (begun) return begun;
    const work = this.#work(signal);
    this.#begun.set(signal, work);
    work.catch(() => this.#begun.delete(signal));
    return work;
  }
}
