/**
 * Scripts that are too slow again and again: their messages are parked without trying, because trying costs the whole partition
 * some hundred milliseconds each time, and a script has many devices. Once is no reason: a busy machine makes every script slow.
 */
import type { Clock } from '@millrace/kernel';
import type { Script } from '@millrace/sandbox';

/** Partitions are parsed together, and each may tell of the same call. */
const sameMs = 1_000;
/** Too slow again within this time is a habit. */
const habitMs = 30_000;
/** So a slow script costs the others a few percent of their time at most, and one that was mended is back soon. */
const restMs = 10_000;

interface Slowness {
  readonly lastMs: number;
  readonly restUntilMs: number;
}

export class SlowScripts {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #known = new WeakMap<Script, Slowness>();

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  wasSlow(script: Script): void {
    const nowMs = this.#clock.monotonicMs();
    const sinceMs = nowMs - (this.#known.get(script)?.lastMs ?? -Infinity);
    if (sinceMs < sameMs) return;
    this.#known.set(script, { lastMs: nowMs, restUntilMs: sinceMs < habitMs ? nowMs + restMs : nowMs });
  }

  rests(script: Script): boolean {
    return this.#clock.monotonicMs() < (this.#known.get(script)?.restUntilMs ?? -Infinity);
  }
}
