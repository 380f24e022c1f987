/** The process at work and its hot spare: a process that was killed is replaced without waiting for a start. */
import { backoff, type Clock, systemClock } from '@millrace/kernel';
import { MillraceError } from '@millrace/contracts';
import type { SandboxLimits } from './limits.ts';
import { SandboxProcess } from './sandbox-process.ts';

/** A machine under pressure may fail to start processes for a while. */
const restart = { delayMsMin: 50, delayMsMax: 5_000 };

export class ProcessPool {
  readonly #limits: SandboxLimits;
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  #active: SandboxProcess | undefined;
  /** Resolves with a started process; there from the first use on. */
  #spare: Promise<SandboxProcess> | undefined;
  /** One replacement at a time, however many callers wait for it. */
  #replacing: Promise<SandboxProcess> | undefined;

  constructor(limits: SandboxLimits, clock: Clock = systemClock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Starts the process at work; rejects with `internal` when it cannot be started. */
  async start(): Promise<void> {
    this.#active = await SandboxProcess.start(this.#limits, this.#closing.signal);
    this.#spare = this.#startAgain();
  }

  /** Undefined when a replacement has to be waited for: then call `replaced`. Spares the promise on the hot path. */
  get active(): SandboxProcess | undefined {
    return this.#active?.ended === false ? this.#active : undefined;
  }

  /** A process that has not ended; rejects with `not_ready` after `close`. */
  replaced(): Promise<SandboxProcess> {
    this.#replacing ??= this.#replace().finally(() => (this.#replacing = undefined));
    return this.#replacing;
  }

  /** From its call on nobody gets a process, also none that is still ending; one that is starting is not waited for. */
  async close(): Promise<void> {
    this.#closing.abort(new MillraceError('not_ready', 'The sandbox is closed: the service is stopping.'));
    this.#active?.kill();
    this.#active = undefined;
    await this.#spare?.then(
      (spare) => spare.kill(),
      () => undefined,
    );
  }

  async #replace(): Promise<SandboxProcess> {
    this.#closing.signal.throwIfAborted();
    const next = await (this.#spare ?? this.#startAgain());
    this.#spare = undefined;
    this.#closing.signal.throwIfAborted();
    this.#spare = this.#startAgain();
    if (next.ended) return this.#replace();
    this.#active = next;
    return next;
  }

  async #startAgain(): Promise<SandboxProcess> {
    const delays = backoff(restart);
    for (;;)
      try {
        return await SandboxProcess.start(this.#limits, this.#closing.signal);
      } catch {
        await this.#clock.sleep(delays.next(), this.#closing.signal);
      }
  }
}
