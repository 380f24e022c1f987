/** A script that runs out of time, memory or its process again and again rests for a while: it would stall all others. */
import type { Clock } from '@millrace/kernel';
import { ScriptFailure } from './failure.ts';
import type { Script } from './script.ts';

/** Messages in a row that a script may spoil before it is the script and not the message. */
const failuresMax = 3;
/** Its share of the sandbox while it stays broken: three limits and a batch in this time. */
const restMs = 5_000;

interface Record {
  failures: number;
  restsUntilMs: number;
}

export class Quarantine {
  readonly #clock: Clock;
  readonly #records = new WeakMap<Script, Record>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What a message of the script gets instead of being run; undefined: run it. */
  failureOf(script: Script): ScriptFailure | undefined {
    const record = this.#records.get(script);
    if (!record || record.restsUntilMs <= this.#clock.monotonicMs()) return undefined;
    return new ScriptFailure(
      'script_timeout',
      `The script failed ${failuresMax} times in a row and rests for a while.`,
    );
  }

  succeeded(script: Script): void {
    this.#records.delete(script);
  }

  failed(script: Script): void {
    const record = this.#records.get(script) ?? { failures: 0, restsUntilMs: 0 };
    record.failures += 1;
    if (record.failures >= failuresMax) record.restsUntilMs = this.#clock.monotonicMs() + restMs;
    this.#records.set(script, record);
  }
}
