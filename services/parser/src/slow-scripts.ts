/**
 * Scripts that were too slow a moment ago: their messages are parked without trying, because trying costs the whole partition
 * some hundred milliseconds each time, and a script has many devices.
 */
import type { Clock } from '@millrace/kernel';
import type { Script } from '@millrace/sandbox';

/** So a slow script costs the others a few percent of their time at most, and one that hiccuped is back soon. */
const restMs = 10_000;

export class SlowScripts {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #restUntilMs = new WeakMap<Script, number>();

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  wasSlow(script: Script): void {
    this.#restUntilMs.set(script, this.#clock.monotonicMs() + restMs);
  }

  rests(script: Script): boolean {
    return this.#clock.monotonicMs() < (this.#restUntilMs.get(script) ?? -Infinity);
  }
}
