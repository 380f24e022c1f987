/** Stops calling a peer that fails and asks it again from time to time; opossum counts. */
import { asMillraceError, type ErrorCode, MillraceError } from '@millrace/contracts';
import CircuitBreaker from 'opossum';

export type BreakerState = 'closed' | 'open' | 'half-open';

export interface BreakerOptions {
  /** Time from opening until one call is let through to try. */
  readonly resetMs: number;
  /** Failures within the last 10 s that open it, if they are more than the successes. */
  readonly failuresMin: number;
  /**
   * Whether an error means that the peer is away. Default: what the error says of itself; one that is never worth
   * repeating (a bad row) shows that the peer answers.
   */
  readonly isFailure?: (error: unknown) => boolean;
  /** Code of the error thrown while open; default `internal`. */
  readonly openCode?: ErrorCode;
}

/** The peer was not asked. */
export class BreakerOpen extends MillraceError {
  constructor(name: string, { resetMs, openCode = 'internal' }: BreakerOptions) {
    super(openCode, `Calls to ${name} are suspended because it failed; it is asked again every ${resetMs} ms.`);
    this.name = 'BreakerOpen';
  }
}

type Action = () => Promise<unknown>;

export class Breaker {
  readonly #name: string;
  readonly #options: BreakerOptions;
  readonly #circuit: CircuitBreaker<[Action], unknown>;

  constructor(name: string, options: BreakerOptions) {
    const { resetMs, isFailure = saysRetry } = options;
    this.#name = name;
    this.#options = options;
    this.#circuit = new CircuitBreaker((action: Action) => action(), {
      name,
      timeout: false, // It would reject without stopping the action; every action brings its own limit.
      resetTimeout: resetMs,
      volumeThreshold: Number.MAX_SAFE_INTEGER, // Its rate counts rejected calls as successes; #onFailure decides.
      errorFilter: (error: unknown) => !isFailure(error),
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
    });
    this.#circuit.on('failure', () => this.#onFailure());
  }

  /** Runs the action and passes on its result or error; throws `BreakerOpen` without running it while the peer is away. */
  async run<T>(action: () => Promise<T>): Promise<T> {
    try {
      return (await this.#circuit.fire(action)) as T;
    } catch (error) {
      if (error instanceof Error && CircuitBreaker.isOurError(error)) throw new BreakerOpen(this.#name, this.#options);
      throw error;
    }
  }

  get state(): BreakerState {
    if (this.#circuit.halfOpen) return 'half-open';
    return this.#circuit.opened ? 'open' : 'closed';
  }

  onChange(listener: (state: BreakerState) => void): void {
    this.#circuit.on('open', () => listener('open'));
    this.#circuit.on('halfOpen', () => listener('half-open'));
    this.#circuit.on('close', () => listener('closed'));
  }

  #onFailure(): void {
    const { failures, successes } = this.#circuit.stats;
    if (failures >= this.#options.failuresMin && failures > successes) this.#circuit.open();
  }
}

function saysRetry(error: unknown): boolean {
  return asMillraceError(error).retry !== 'never';
}
