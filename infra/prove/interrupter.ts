/** Carries out interruptions, each in a moment when its victim holds work, and sees that the stream goes on. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { PlantStack } from '../integrity/plant-stack.ts';
import { until } from '../stack/until.ts';
import type { ProcessStatus } from '../stack/index.ts';
import type { InterruptionResult } from './proof.ts';
import type { ProvingLoad } from './proving-load.ts';
import type { Sampler } from './sampler.ts';
import type { Interruption } from './schedule.ts';
import { type HeldWork, WorkWatch } from './work.ts';

/** A victim that holds no work for so long is struck all the same, and the result says so. */
const workMsMax = 15_000;
/** Between two looks, so that looking is no load of its own. */
const lookAgainMs = 5;
/** Kafka restarts in seconds, then a group waits for a member that died; a machine that does other things takes longer. */
const backMsMax = 90_000;
/** Some batches of both kinds of senders. */
const messagesOnward = 200;
/** It may be starting after its last interruption. */
const readyMsMax = 60_000;

export interface InterrupterParts {
  readonly plant: PlantStack;
  readonly load: ProvingLoad;
  readonly sampler: Sampler;
}

export class Interrupter {
  readonly #parts: InterrupterParts;
  readonly #watch: WorkWatch;

  constructor(parts: InterrupterParts) {
    this.#parts = parts;
    this.#watch = new WorkWatch(parts.plant, parts.load.reader);
  }

  /** `report` is told what it is at. */
  async interrupt(
    interruption: Interruption,
    report: (text: string) => void,
    signal: AbortSignal,
  ): Promise<InterruptionResult> {
    const { victim, kind, frozenMs, pauseMs } = interruption;
    const { stack } = this.#parts.plant;
    await sleep(pauseMs, undefined, { signal });
    await until(() => this.#statusOf(victim)?.ready === true, readyMsMax, signal);
    report('waiting for work in flight');
    const held = await this.#frozenWithWork(victim, signal);
    const atMs = this.#parts.sampler.nowMs;
    report(`${held?.text ?? 'no work in flight'}`);
    if (kind === 'kill') await stack.kill(victim);
    else {
      await sleep(frozenMs);
      this.#signal(victim, 'SIGCONT');
    }
    const backAfterMs = await this.#goesOn(signal);
    return { atMs, victim, kind, frozenMs, work: held?.text ?? null, backAfterMs };
  }

  /** The victim is frozen when this resolves; undefined: without work. */
  async #frozenWithWork(victim: string, signal: AbortSignal): Promise<HeldWork | undefined> {
    const name = this.#statusOf(victim)?.name ?? victim;
    const endMs = performance.now() + workMsMax;
    while (performance.now() < endMs) {
      signal.throwIfAborted();
      const sighting = await this.#watch.look(victim, name);
      if (sighting && this.#signal(victim, 'SIGSTOP')) {
        const held = await sighting.frozen();
        if (held.amount > 0) return held;
        this.#signal(victim, 'SIGCONT');
      }
      await sleep(lookAgainMs);
    }
    this.#signal(victim, 'SIGSTOP');
    return undefined;
  }

  /** False when it does not run: it ended by itself, and is started again. */
  #signal(victim: string, signal: NodeJS.Signals): boolean {
    try {
      this.#parts.plant.stack.signal(victim, signal);
      return true;
    } catch {
      return false;
    }
  }

  /** Milliseconds until messages were acknowledged and stored again; undisturbed it is a third of a second. */
  async #goesOn(signal: AbortSignal): Promise<number | null> {
    const { load, sampler } = this.#parts;
    const startedMs = performance.now();
    const acknowledgedBefore = load.ledger.acknowledged;
    let storedBefore: number | undefined;
    const flows = async (): Promise<boolean> => {
      const stored = await sampler.stored();
      storedBefore ??= stored;
      if (stored === undefined || storedBefore === undefined) return false;
      return stored >= storedBefore + messagesOnward && load.ledger.acknowledged >= acknowledgedBefore + messagesOnward;
    };
    const back = await until(flows, backMsMax, signal, 100);
    return back ? Math.round(performance.now() - startedMs) : null;
  }

  #statusOf(victim: string): ProcessStatus | undefined {
    return this.#parts.plant.stack.processes.find(({ instance, name }) => instance === victim || name === victim);
  }
}
