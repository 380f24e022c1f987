/** How many connections this instance takes, and whether it takes any now. */
import { type Clock, Rounds } from '@millrace/kernel';
import type { Ceilings, ReachedCeiling, Usage } from './ceilings.ts';

const lookMs = 1_000;

export interface CapacityParts {
  readonly connectionsMax: number;
  readonly ceilings: Ceilings;
  readonly usage: { take(): Usage };
  readonly clock: Clock;
  /** What is reached changed. */
  readonly onChange: (reached: readonly ReachedCeiling[]) => void;
}

export class Capacity {
  readonly connectionsMax: number;
  readonly #ceilings: Ceilings;
  readonly #rounds: Rounds;

  constructor({ connectionsMax, ceilings, usage, clock, onChange }: CapacityParts) {
    this.connectionsMax = connectionsMax;
    this.#ceilings = ceilings;
    const round = (): void => {
      if (ceilings.sample(usage.take())) onChange(ceilings.reached);
    };
    this.#rounds = new Rounds({ pauseMs: lookMs, round, clock });
  }

  /** False while a ceiling is reached. */
  get accepting(): boolean {
    return this.#ceilings.reached.length === 0;
  }

  get reached(): readonly ReachedCeiling[] {
    return this.#ceilings.reached;
  }

  start(): void {
    this.#rounds.start();
  }

  stop(): Promise<void> {
    return this.#rounds.stop();
  }
}
