/**
 * Carries out the erasures that were asked for: one process at a time, one after the other. What was done stands in PostgreSQL,
 * so that the next process goes on where the one before was cut off; what fails is tried again, and others are not held up.
 */
import { asMillraceError } from '@millrace/contracts';
import {
  type Database,
  type Erasure,
  erasureChannel,
  erasureLock,
  type Erasures,
  lead,
  type Leadership,
} from '@millrace/control';
import { type Clock, retrying } from '@millrace/kernel';
import type { Emitter } from '@millrace/observe';
import type { apiEvents } from '../../api-events.ts';
import type { ErasureSteps } from './erasure-steps.ts';

export interface ErasureWorkerParts {
  readonly database: Database;
  readonly erasures: Erasures;
  readonly steps: Pick<ErasureSteps, 'all' | 'expiries'>;
  readonly events: Pick<
    Emitter<typeof apiEvents>,
    'erasureBegan' | 'erasureStepEnded' | 'erasureEnded' | 'erasureFailed' | 'erasingFailed'
  >;
  readonly clock: Clock;
}

const lookMs = 2_000;
const retryDelays = { delayMsMin: 500, delayMsMax: 5_000 };

/** An attempt that failed is repeated after 5 s, then 10, at most 5 minutes. */
const againMsMin = 5_000;
const againMsMax = 300_000;

export class ErasureWorker {
  readonly #parts: ErasureWorkerParts;
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #pendingSeconds = 0;

  constructor(parts: ErasureWorkerParts) {
    this.#parts = parts;
  }

  /** Age of the oldest that is not done, as of some seconds ago; 0: there is none, or another process carries them out. */
  get pendingSeconds(): number {
    return this.#pendingSeconds;
  }

  start(): void {
    const { clock, events } = this.#parts;
    const onRetry = (error: unknown): void => events.erasingFailed({ error });
    const options = { ...retryDelays, clock, onRetry, retryable: () => true };
    this.#running = retrying((signal) => this.#lead(signal), options, this.#stopping.signal).catch((error: unknown) => {
      if (!this.#stopping.signal.aborted) throw error;
    });
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('The service stops.'));
    await this.#running;
  }

  async #lead(stopping: AbortSignal): Promise<never> {
    const { database, erasures, clock } = this.#parts;
    const leadership = await lead(database.url, { lock: erasureLock, channel: erasureChannel, clock }, stopping);
    const signal = AbortSignal.any([stopping, leadership.signal]);
    const watch = setInterval(() => void this.#look(erasures), lookMs);
    try {
      return await this.#follow(leadership, signal);
    } finally {
      clearInterval(watch);
      this.#pendingSeconds = 0;
      await leadership.resign();
    }
  }

  async #follow(leadership: Leadership, signal: AbortSignal): Promise<never> {
    for (;;) {
      signal.throwIfAborted();
      const erasure = await this.#parts.erasures.due();
      if (erasure) await this.#attempt(erasure, signal);
      else await leadership.notified(lookMs);
    }
  }

  async #attempt({ tenant, attempts }: Erasure, signal: AbortSignal): Promise<void> {
    const { erasures, steps, events, clock } = this.#parts;
    await erasures.begin(tenant);
    events.erasureBegan({ tenant, attempt: attempts + 1 });
    let at = '';
    try {
      for (const [name, run] of steps.all) {
        at = name;
        await this.#step(tenant, name, run, signal);
      }
      await erasures.end(tenant, steps.expiries());
      events.erasureEnded({ tenant });
    } catch (error) {
      signal.throwIfAborted();
      const { code, message: reason } = asMillraceError(error);
      events.erasureFailed({ tenant, step: at, attempt: attempts + 1, code, reason, error });
      const failure = { at: new Date(clock.nowMs()).toISOString(), step: at, code, reason };
      await erasures.fail(tenant, failure, Math.min(againMsMax, againMsMin * 2 ** Math.min(attempts, 10)));
    }
  }

  async #step(tenant: string, name: string, run: ErasureSteps['all'][number][1], signal: AbortSignal): Promise<void> {
    const { erasures, events } = this.#parts;
    const before = (await erasures.find(tenant))!;
    if (before.steps.some((step) => step.name === name && step.endedAt !== null)) return;
    await erasures.beginStep(tenant, name);
    await run(before, signal);
    await erasures.endStep(tenant, name);
    events.erasureStepEnded({ tenant, step: name });
  }

  async #look(erasures: Erasures): Promise<void> {
    this.#pendingSeconds = await erasures.pendingSeconds().catch(() => this.#pendingSeconds);
  }
}
