/** Starts named steps in order and stops them in reverse, each within a limit of time. */
import { MillraceError } from '@millrace/contracts';
import { type Clock, systemClock } from './clock.ts';

export type LifecycleState = 'starting' | 'ready' | 'draining' | 'stopped';

export interface LifecycleStep {
  /** What starts and stops, for the sentence that names it when it fails. */
  readonly name: string;
  start(signal: AbortSignal): Promise<void>;
  /** Called also after a start that failed half way. */
  stop(signal: AbortSignal): Promise<void>;
}

export interface LifecycleOptions {
  /** A step that starts longer has failed: an endless start looks like a healthy one. */
  readonly stepStartMsMax: number;
  /** A step that stops longer is left behind: the process must end before the orchestrator kills it. */
  readonly stepStopMsMax: number;
  readonly clock?: Clock;
  readonly onChange?: (state: LifecycleState) => void;
}

export class Lifecycle {
  readonly #steps: readonly LifecycleStep[];
  readonly #options: LifecycleOptions;
  readonly #clock: Clock;
  readonly #starting = new AbortController();
  readonly #started: LifecycleStep[] = [];
  #state: LifecycleState = 'starting';
  #start: Promise<void> | undefined;
  #stop: Promise<readonly Error[]> | undefined;

  constructor(steps: readonly LifecycleStep[], options: LifecycleOptions) {
    this.#steps = steps;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  get state(): LifecycleState {
    return this.#state;
  }

  /** Resolves when every step has started. When one fails, it and those before it are stopped and its error is thrown. */
  start(): Promise<void> {
    return (this.#start ??= this.#startSteps());
  }

  /** Stops what was started, also in the middle of a start. Resolves with the errors of steps that failed to stop. */
  stop(): Promise<readonly Error[]> {
    return (this.#stop ??= this.#stopSteps());
  }

  async #startSteps(): Promise<void> {
    const { stepStartMsMax } = this.#options;
    try {
      for (const step of this.#steps) {
        this.#starting.signal.throwIfAborted();
        this.#started.push(step);
        const start = (signal: AbortSignal): Promise<void> => step.start(signal);
        await this.#within(`start ${step.name}`, stepStartMsMax, start, this.#starting.signal);
      }
      this.#starting.signal.throwIfAborted();
      this.#become('ready');
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async #stopSteps(): Promise<readonly Error[]> {
    this.#become('draining');
    this.#starting.abort(new MillraceError('not_ready', 'The service was stopped while it started.'));
    const errors: Error[] = [];
    for (const step of this.#started.toReversed()) {
      try {
        await this.#within(`stop ${step.name}`, this.#options.stepStopMsMax, (signal) => step.stop(signal));
      } catch (error) {
        errors.push(error instanceof Error ? error : new Error(String(error)));
      }
    }
    this.#become('stopped');
    return errors;
  }

  /** Runs an action until it ends, its time is over or the signal is aborted; an action that does not obey is left behind. */
  async #within(what: string, msMax: number, action: (signal: AbortSignal) => Promise<void>, signal?: AbortSignal) {
    const done = new AbortController();
    const late = new AbortController();
    const limit = signal ? AbortSignal.any([signal, late.signal]) : late.signal;
    const timer = this.#clock.sleep(msMax, AbortSignal.any([done.signal, ...(signal ? [signal] : [])])).then(() => {
      late.abort(new MillraceError('not_ready', `To ${what} took longer than ${msMax} ms.`));
      throw late.signal.reason;
    });
    try {
      await Promise.race([action(limit), timer]);
    } finally {
      done.abort();
      await timer.catch(() => undefined);
    }
  }

  #become(state: LifecycleState): void {
    this.#state = state;
    this.#options.onChange?.(state);
  }
}
