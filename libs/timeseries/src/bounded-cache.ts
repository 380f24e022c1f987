/** Values made once per name and kept, for names that come again and again: devices and signals. */

export class BoundedCache<V> {
  readonly #values = new Map<string, V>();
  readonly #entriesMax: number;
  readonly #make: (name: string) => V;

  /** At `entriesMax` it starts again from empty: cheaper than keeping an order, and rare where the limit is well chosen. */
  constructor(entriesMax: number, make: (name: string) => V) {
    this.#entriesMax = entriesMax;
    this.#make = make;
  }

  get(name: string): V {
    const known = this.#values.get(name);
    if (known !== undefined) return known;
    const made = this.#make(name);
    if (this.#values.size >= this.#entriesMax) this.#values.clear();
    this.#values.set(name, made);
    return made;
  }

  get size(): number {
    return this.#values.size;
  }
}
