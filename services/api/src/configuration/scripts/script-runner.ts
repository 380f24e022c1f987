/** The api's own sandbox, in which scripts are tried: a process that starts when it is needed, and ends when it is not. */
import { MillraceError } from '@millrace/contracts';
import type { Clock } from '@millrace/kernel';
import { Places } from '@millrace/platform/rest';
import { Sandbox, type SandboxOptions } from '@millrace/sandbox';

/** Requests that run or wait. */
const runsMax = 64;
const runsOfTenantMax = 16;
/** A process with its spare has 100 MB that an api with nothing to try can give back. */
const idleMsMax = 60_000;
/** Scripts are tried once: no isolate is worth keeping. */
const isolatesMax = 4;

const newSandbox = (options: SandboxOptions): Sandbox => new Sandbox(options);

export class ScriptRunner {
  readonly #clock: Clock;
  readonly #make: (options: SandboxOptions) => Sandbox;
  readonly #places = new Places({
    max: runsMax,
    ofTenantMax: runsOfTenantMax,
    refusal: 'Too many scripts are being tried; try again in a moment.',
  });
  /** The last run of each tenant: its runs take turns, so that those of others wait for one of them at most. */
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #closing = new AbortController();
  #sandbox: Promise<Sandbox> | undefined;
  #idle = new AbortController();

  /** `make`: for tests. */
  constructor(clock: Clock, make = newSandbox) {
    this.#clock = clock;
    this.#make = make;
  }

  /** What `work` gives, which gets a signal for calls of the sandbox. Throws `overloaded`, and `not_ready` after `close`. */
  async run<T>(tenant: string, work: (sandbox: Sandbox, signal: AbortSignal) => Promise<T>): Promise<T> {
    const done = new AbortController();
    this.#places.enter(tenant, done.signal);
    this.#idle.abort();
    const before = this.#turns.get(tenant);
    const turn = (async () => {
      await before?.catch(() => undefined);
      return work(await this.#started(), this.#closing.signal);
    })();
    this.#turns.set(tenant, turn);
    try {
      return await turn;
    } finally {
      done.abort();
      if (this.#turns.get(tenant) === turn) this.#turns.delete(tenant);
      if (this.#places.taken === 0) this.#endWhenIdle();
    }
  }

  async close(): Promise<void> {
    this.#idle.abort();
    this.#closing.abort(new MillraceError('not_ready', 'The service is stopping.'));
    await this.#end();
  }

  #started(): Promise<Sandbox> {
    this.#closing.signal.throwIfAborted();
    this.#sandbox ??= this.#start();
    return this.#sandbox;
  }

  async #start(): Promise<Sandbox> {
    const sandbox = this.#make({ limits: { isolatesMax } });
    try {
      await sandbox.start();
      return sandbox;
    } catch (error) {
      this.#sandbox = undefined;
      throw error;
    }
  }

  #endWhenIdle(): void {
    const idle = (this.#idle = new AbortController());
    void this.#clock.sleep(idleMsMax, idle.signal).then(
      () => (this.#places.taken === 0 ? this.#end() : undefined),
      () => undefined,
    );
  }

  async #end(): Promise<void> {
    const ending = this.#sandbox;
    this.#sandbox = undefined;
    await ending?.then(
      (sandbox) => sandbox.close(),
      () => undefined,
    );
  }
}
