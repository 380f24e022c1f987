/** The processes at work and one hot spare for all of them: a process that was killed is replaced without waiting for a start. */
import { backoff, type Clock, systemClock } from '@millrace/kernel';
import { MillraceError } from '@millrace/contracts';
import type { SandboxLimits } from './limits.ts';
import { SandboxProcess } from './sandbox-process.ts';

/** A machine under pressure may fail to start processes for a while. */
const restart = { delayMsMin: 50, delayMsMax: 5_000 };

/** Where calls go: one process at a time, replaced when it ends. */
export interface Lane {
  /** Undefined when a replacement has to be waited for: then call `replaced`. Spares the promise on the hot path. */
  readonly active: SandboxProcess | undefined;
  /** A process that has not ended; rejects with `not_ready` after the pool's `close`. */
  replaced(): Promise<SandboxProcess>;
}

export class ProcessPool {
  readonly #limits: SandboxLimits;
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  readonly #lanes: PoolLane[];
  /** For scripts that broke a limit lately; its process starts with the first of them. */
  readonly #suspects: PoolLane;
  /** Resolves with a started process; there from the first use on. */
  #spare: Promise<SandboxProcess> | undefined;

  constructor(limits: SandboxLimits, processes = 1, clock: Clock = systemClock) {
    this.#limits = limits;
    this.#clock = clock;
    const take = (): Promise<SandboxProcess> => this.#take();
    this.#lanes = Array.from({ length: processes }, () => new PoolLane(take));
    this.#suspects = new PoolLane(async () => {
      const taken = await take();
      taken.giveWay();
      return taken;
    });
  }

  /** Starts the processes at work; rejects with `internal` when one cannot be started. */
  async start(): Promise<void> {
    await Promise.all(
      this.#lanes.map(async (lane) => {
        lane.active = await SandboxProcess.start(this.#limits, this.#closing.signal);
      }),
    );
    this.#spare = this.#startAgain();
  }

  /** The lanes of tenants, then that of suspects. */
  get lanes(): readonly Lane[] {
    return [...this.#lanes, this.#suspects];
  }

  /** A tenant's calls all go the same way, but for its suspects. */
  laneOf(tenant: string, isSuspect: boolean): Lane {
    if (isSuspect) return this.#suspects;
    return this.#lanes.length === 1 ? this.#lanes[0]! : this.#lanes[hashOf(tenant) % this.#lanes.length]!;
  }

  /** From its call on nobody gets a process, also none that is still ending; one that is starting is not waited for. */
  async close(): Promise<void> {
    this.#closing.abort(new MillraceError('not_ready', 'The sandbox is closed: the service is stopping.'));
    for (const lane of [...this.#lanes, this.#suspects]) lane.end();
    await this.#spare?.then(
      (spare) => spare.kill(),
      () => undefined,
    );
  }

  /** The spare if there is a living one, and the start of the next. */
  async #take(): Promise<SandboxProcess> {
    for (;;) {
      this.#closing.signal.throwIfAborted();
      const taken = this.#spare ?? this.#startAgain();
      this.#spare = undefined;
      const next = await taken;
      if (this.#closing.signal.aborted) next.kill();
      this.#closing.signal.throwIfAborted();
      this.#spare ??= this.#startAgain();
      if (!next.ended) return next;
    }
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

class PoolLane implements Lane {
  readonly #take: () => Promise<SandboxProcess>;
  #active: SandboxProcess | undefined;
  /** One replacement at a time, however many callers wait for it. */
  #replacing: Promise<SandboxProcess> | undefined;

  constructor(take: () => Promise<SandboxProcess>) {
    this.#take = take;
  }

  get active(): SandboxProcess | undefined {
    return this.#active?.ended === false ? this.#active : undefined;
  }

  set active(started: SandboxProcess) {
    this.#active = started;
  }

  replaced(): Promise<SandboxProcess> {
    this.#replacing ??= this.#take()
      .then((next) => (this.#active = next))
      .finally(() => (this.#replacing = undefined));
    return this.#replacing;
  }

  end(): void {
    this.#active?.kill();
    this.#active = undefined;
  }
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
