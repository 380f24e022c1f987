/** Keeps a set of processes running, and ends them in order. Used by `up`, by tests and by the benchmark, in their own process. */
import { readFileSync } from 'node:fs';
import { lastLines } from './run-command.ts';
import { processKinds, type ProcessKind, type ProcessPlan, type ProcessStatus } from './process-plan.ts';
import { restartDelayMs, type RestartDelay } from './restart-delay.ts';
import { SupervisedProcess } from './supervised-process.ts';
import { UserError } from './user-error.ts';

/** Ends in a row after which a start counts as failed: an early one may be a dependency that was not there yet. */
const endsAtStartMax = 6;

export class Supervisor {
  readonly #processes: SupervisedProcess[] = [];
  readonly #listeners = new Set<() => void>();
  #stopping = false;

  readonly #restartDelayMs: RestartDelay;

  constructor(delayMs: RestartDelay = restartDelayMs) {
    this.#restartDelayMs = delayMs;
    process.once('exit', this.#killAll);
  }

  /** Called after every change of a process; returns how to stop listening. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get statuses(): readonly ProcessStatus[] {
    return this.#processes.map(({ status }) => status);
  }

  /** Starts a process that is watched from now on. */
  start(plan: ProcessPlan): SupervisedProcess {
    if (this.#stopping) throw new Error(`${plan.instance} was not started: the stack is stopping.`);
    if (this.has(plan.instance)) throw new Error(`${plan.instance} runs already.`);
    const started = new SupervisedProcess(plan, () => this.#changed(), this.#restartDelayMs);
    this.#processes.push(started);
    started.start();
    return started;
  }

  /** Ends a process in order and forgets it. */
  async remove(instance: string): Promise<void> {
    const found = this.find(instance);
    await found.stop();
    this.#processes.splice(this.#processes.indexOf(found), 1);
    this.#changed();
  }

  /** Ends the process of this instance in order and starts it by another plan. */
  async replace(plan: ProcessPlan): Promise<void> {
    const before = this.find(plan.instance);
    await before.stop();
    if (this.#stopping) return;
    const started = new SupervisedProcess(plan, () => this.#changed(), this.#restartDelayMs);
    this.#processes.splice(this.#processes.indexOf(before), 1, started);
    started.start();
  }

  has(instance: string): boolean {
    return this.#processes.some(({ plan }) => plan.instance === instance);
  }

  /** By instance (`parser-2`) or by name (`parser`, the first of them). */
  find(name: string): SupervisedProcess {
    const found =
      this.#processes.find(({ plan }) => plan.instance === name) ??
      this.#processes.find(({ plan }) => plan.name === name);
    if (!found) throw new Error(`There is no process ${name}.`);
    return found;
  }

  /**
   * Resolves when all processes are ready. Rejects with a UserError when one keeps ending or the time is over, with the
   * signal's reason when it fires.
   */
  ready(limitMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (action: () => void): void => {
        stopListening();
        clearTimeout(limit);
        signal?.removeEventListener('abort', onAbort);
        action();
      };
      const check = (): void => {
        const failing = this.#processes.find((one) => one.state !== 'ready' && one.endsInARow >= endsAtStartMax);
        if (failing) settle(() => reject(new UserError(`${failing.plan.instance} keeps ending: ${endOfLog(failing)}`)));
        else if (this.#processes.every(({ state }) => state === 'ready')) settle(resolve);
      };
      const onAbort = (): void => settle(() => reject(signal?.reason as Error));
      const onLimit = (): void => settle(() => reject(this.#notReady(limitMs)));
      const stopListening = this.onChange(check);
      const limit = setTimeout(onLimit, limitMs);
      signal?.addEventListener('abort', onAbort);
      if (signal?.aborted) onAbort();
      else check();
    });
  }

  /** Ends all processes: demo first, then services, then infrastructure. Calling it again waits for the same end. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const kind of processKinds.toReversed()) await this.#stopKind(kind);
    process.off('exit', this.#killAll);
  }

  /** Ends all processes at once, as a crash would, and for good. */
  async kill(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#processes.map((one) => one.stop('SIGKILL')));
    process.off('exit', this.#killAll);
  }

  async #stopKind(kind: ProcessKind): Promise<void> {
    await Promise.all(this.#processes.filter(({ plan }) => plan.kind === kind).map((one) => one.stop()));
  }

  readonly #killAll = (): void => {
    for (const one of this.#processes) one.signal('SIGKILL');
  };

  #notReady(limitMs: number): UserError {
    const late = this.#processes.filter(({ state }) => state !== 'ready');
    const names = late.map(({ plan }) => plan.instance).join(', ');
    return new UserError(`${names} not ready after ${limitMs / 1_000} s: ${late.map(endOfLog).join('\n')}`);
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

function endOfLog({ plan }: SupervisedProcess): string {
  const lines = lastLines(readFileSync(plan.log, 'utf8'), 8);
  return `see ${plan.log}, which ends with\n${lines}`;
}
