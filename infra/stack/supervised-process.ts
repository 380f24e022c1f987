/** One process that is kept running: started, probed until ready, started again when it ends, stopped with a limit. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { identityOf } from './process-identity.ts';
import { ownsPorts } from './port-owner.ts';
import { type ProcessPlan, type ProcessState, type ProcessStatus } from './process-plan.ts';
import { recoveredAfterMs, type RestartDelay } from './restart-delay.ts';

const probeEveryMs = 100;
/** A probe that hangs (a frozen process) must not hang the supervisor. */
const probeMsMax = 2_000;

export class SupervisedProcess {
  readonly plan: ProcessPlan;
  readonly #onChange: () => void;
  readonly #restartDelayMs: RestartDelay;
  #child: ChildProcess | undefined;
  #born: string | null = null;
  #state: ProcessState = 'stopped';
  #restarts = 0;
  #endsInARow = 0;
  #readySinceMs = 0;
  #restartTimer: NodeJS.Timeout | undefined;

  /** `onChange` is called after every change of state. */
  constructor(plan: ProcessPlan, onChange: () => void, restartDelayMs: RestartDelay) {
    this.plan = plan;
    this.#onChange = onChange;
    this.#restartDelayMs = restartDelayMs;
  }

  get state(): ProcessState {
    return this.#state;
  }

  get restarts(): number {
    return this.#restarts;
  }

  /** Ends since it was last ready for a while. */
  get endsInARow(): number {
    return this.#endsInARow;
  }

  get status(): ProcessStatus {
    const { name, instance, kind, url, ports, log } = this.plan;
    const pid = this.#child?.pid ?? null;
    const state = this.#state;
    return {
      name,
      instance,
      kind,
      pid,
      state,
      ready: state === 'ready',
      url,
      ports,
      log,
      restarts: this.#restarts,
      born: this.#born,
    };
  }

  start(): void {
    const { command, parameters, environment, workingFolder, log } = this.plan;
    const output = openSync(log, 'a', 0o600);
    // A group of its own: Ctrl-C in the terminal reaches us alone, and what it leaves behind can be ended with it.
    const child = spawn(command, parameters, {
      env: environment,
      cwd: workingFolder,
      detached: true,
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    this.#child = child;
    this.#born = (child.pid !== undefined && identityOf(child.pid)?.born) || null;
    let ended = false;
    const end = (): void => {
      if (!ended) this.#ended(child);
      ended = true;
    };
    child.once('exit', end).once('error', end);
    this.#become('starting');
    void this.#probe(child);
  }

  /** Sends a signal to the process and its children; false when there is none. */
  signal(signal: NodeJS.Signals): boolean {
    return this.#child?.pid !== undefined && signalGroup(this.#child.pid, signal);
  }

  /** Ends it at once, as a crash would; resolves when it is gone, and is to be started again. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    const gone = once(child, 'exit');
    this.signal('SIGKILL');
    await gone;
  }

  /** Ends it for good; resolves when it is gone. `signal`: its usual one unless given. */
  async stop(signal: NodeJS.Signals = this.plan.stopSignal): Promise<void> {
    clearTimeout(this.#restartTimer);
    const child = this.#child;
    if (!child) return this.#become('stopped');
    const gone = once(child, 'exit');
    this.#become('stopping');
    this.signal(signal);
    // A frozen process only gets to that signal when it is thawed.
    this.signal('SIGCONT');
    const limit = setTimeout(() => this.signal('SIGKILL'), this.plan.stopMsMax);
    await gone;
    clearTimeout(limit);
  }

  async #probe(child: ChildProcess): Promise<void> {
    while (this.#child === child && this.#state === 'starting') {
      if (await this.#answers(child)) {
        if (this.#child !== child || this.#state !== 'starting') return;
        this.#readySinceMs = performance.now();
        return this.#become('ready');
      }
      await sleep(probeEveryMs, undefined, { ref: false });
    }
  }

  async #answers(child: ChildProcess): Promise<boolean> {
    try {
      const ready = await this.plan.isReady(AbortSignal.timeout(probeMsMax));
      return ready && child.pid !== undefined && ownsPorts(child.pid, Object.values(this.plan.ports));
    } catch {
      return false;
    }
  }

  #ended(child: ChildProcess): void {
    // Children of a process that was killed would live on beside those of its successor.
    if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
    const recovered = this.#state === 'ready' && performance.now() - this.#readySinceMs >= recoveredAfterMs;
    this.#child = undefined;
    this.#born = null;
    if (this.#state === 'stopping') return this.#become('stopped');
    this.#endsInARow = recovered ? 1 : this.#endsInARow + 1;
    this.#restartTimer = setTimeout(() => {
      this.#restarts += 1;
      this.start();
    }, this.#restartDelayMs(this.#endsInARow));
    this.#become('waiting');
  }

  #become(state: ProcessState): void {
    this.#state = state;
    this.#onChange();
  }
}

function signalGroup(group: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(-group, signal);
  } catch {
    return false;
  }
}
