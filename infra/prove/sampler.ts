/** The course of a run: once a second, how much was acknowledged and how much is stored. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ledger } from '../integrity/ledger.ts';
import type { PlantStack } from '../integrity/plant-stack.ts';
import { table } from '../integrity/plant.ts';
import type { Sample } from './proof.ts';

const everyMs = 1_000;

export class Sampler {
  readonly #plant: PlantStack;
  readonly #ledger: Ledger;
  readonly #startedMs = performance.now();
  readonly #samples: Sample[] = [];

  constructor(plant: PlantStack, ledger: Ledger) {
    this.#plant = plant;
    this.#ledger = ledger;
  }

  get samples(): readonly Sample[] {
    return this.#samples;
  }

  /** Since the beginning. */
  get nowMs(): number {
    return Math.round(performance.now() - this.#startedMs);
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#sample();
      await sleep(everyMs, undefined, { signal }).catch(() => {});
    }
  }

  /** Undefined while QuestDB does not answer. */
  async stored(): Promise<number | undefined> {
    try {
      const [row] = await this.#plant.query(`SELECT count() FROM ${table}`);
      return Number(row?.[0] ?? 0);
    } catch {
      return undefined;
    }
  }

  async #sample(): Promise<void> {
    const atMs = this.nowMs;
    const { acknowledged } = this.#ledger;
    this.#samples.push({ atMs, acknowledged, stored: (await this.stored()) ?? null });
  }
}
