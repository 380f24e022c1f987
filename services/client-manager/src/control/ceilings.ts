/** Limits of what an instance uses. Above one of them it takes no more connections, until it is clearly below again. */

import { ceilingNames } from '@millrace/config';

/** Means of some seconds: one burst is nothing. */
const samplesMax = 5;
/** An instance that sways around a limit must not open and close with it. */
const clearedBelow = 0.9;

export type Usage = Readonly<Record<CeilingName, number>>;

export type CeilingName = (typeof ceilingNames)[number];

export interface ReachedCeiling {
  readonly name: CeilingName;
  readonly value: number;
  readonly max: number;
}

export class Ceilings {
  readonly #max: ReadonlyMap<CeilingName, number>;
  readonly #samples: Usage[] = [];
  readonly #reached = new Set<CeilingName>();

  /** Names that are missing have no limit. */
  constructor(max: Readonly<Partial<Record<CeilingName, number | undefined>>>) {
    this.#max = new Map(ceilingNames.flatMap((name) => (max[name] === undefined ? [] : [[name, max[name]]])));
  }

  /** Called at a steady pace. True: what is reached changed. */
  sample(usage: Usage): boolean {
    this.#samples.push(usage);
    if (this.#samples.length > samplesMax) this.#samples.shift();
    if (this.#samples.length < samplesMax) return false;
    let changed = false;
    for (const [name, max] of this.#max) {
      const was = this.#reached.has(name);
      const is = this.#meanOf(name) > (was ? max * clearedBelow : max);
      if (is) this.#reached.add(name);
      else this.#reached.delete(name);
      changed ||= is !== was;
    }
    return changed;
  }

  get reached(): readonly ReachedCeiling[] {
    return [...this.#reached].map((name) => ({
      name,
      value: Math.round(this.#meanOf(name)),
      max: this.#max.get(name)!,
    }));
  }

  #meanOf(name: CeilingName): number {
    return this.#samples.reduce((sum, usage) => sum + usage[name], 0) / this.#samples.length;
  }
}
