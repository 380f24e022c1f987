/** Sees to it that each window of each statistic is in the queue before it is due, and those that were missed at once. */
import type { Configuration } from '@millrace/config';
import { asMillraceError, type StatisticConfig } from '@millrace/contracts';
import { backoff, type Clock, orAborted } from '@millrace/kernel';
import { missedWindows, Windows } from '@millrace/statistics';
import type { StatisticResultQuery } from '@millrace/timeseries';
import type { PlannedRun, RunQueue } from './run-queue.ts';
import type { StatisticsSchedulerEmitter } from './statistics-scheduler-events.ts';

/** A change of the configuration is planned within it. */
const passMs = 1_000;

/** How long before it is due a window is in the queue: other instances run it when this one is gone meanwhile. */
const aheadMs = 60_000;

/** After a time without any instance: so many windows of each statistic are evaluated, the last ones. */
export const missedWindowsMax = 100;

/** Windows of one statistic in one pass; after a long sleep of the machine the rest follows in the next ones. */
const windowsPerPassMax = 1_000;

const failureDelays = { delayMsMin: 500, delayMsMax: 5_000 };

export interface PlannerParts {
  readonly configuration: Pick<Configuration, 'tenants' | 'statistics' | 'isDeleted'>;
  readonly queue: Pick<RunQueue, 'add' | 'forget'>;
  /** Which windows have a result. */
  readonly stored: Pick<StatisticResultQuery, 'windowsFrom'>;
  readonly emit: StatisticsSchedulerEmitter;
  readonly clock: Clock;
}

/** How far a statistic is planned. */
interface Plan {
  readonly definition: StatisticConfig;
  /** Undefined: the definition makes none. */
  readonly windows: Windows | undefined;
  /** End of the first window that is not in the queue; undefined: there is none. */
  readonly nextEndMs: number | undefined;
}

export class Planner {
  readonly #parts: PlannerParts;
  readonly #plans = new Map<string, Plan>();
  /** Deleted tenants of which the queue has nothing any more. */
  readonly #forgotten = new Set<string>();
  #notReady: string | undefined = 'The windows of the statistics were not planned yet.';

  constructor(parts: PlannerParts) {
    this.#parts = parts;
  }

  /** Why windows may be missing in the queue; undefined: none is. */
  get notReady(): string | undefined {
    return this.#notReady;
  }

  /** Plans until the signal, whatever fails meanwhile. */
  async follow(signal: AbortSignal): Promise<void> {
    const { clock, emit } = this.#parts;
    const delays = backoff(failureDelays);
    while (!signal.aborted) {
      let waitMs = passMs;
      try {
        await this.plan(signal);
        this.#notReady = undefined;
        delays.reset();
      } catch (error) {
        if (signal.aborted) return;
        this.#notReady = asMillraceError(error).message;
        emit.planningFailed({ reason: this.#notReady });
        waitMs = delays.next();
      }
      await clock.sleep(waitMs, signal).catch(() => undefined);
    }
  }

  /** One pass over all statistics. Throws `store_unavailable` or what Redis throws; the next pass does the rest. */
  async plan(signal: AbortSignal): Promise<void> {
    const { statistics } = this.#parts.configuration;
    for (const key of this.#plans.keys()) if (!this.#isRun(statistics.get(key))) this.#plans.delete(key);
    for (const [key, definition] of statistics) {
      if (!this.#isRun(definition)) continue;
      const plan = this.#plans.get(key);
      if (plan?.definition !== definition) this.#plans.set(key, await this.#begin(definition, plan, signal));
      await this.#advance(key, signal);
    }
    await this.#forgetDeleted(signal);
  }

  async #forgetDeleted(signal: AbortSignal): Promise<void> {
    const { configuration, queue } = this.#parts;
    for (const tenant of configuration.tenants.keys()) {
      if (!configuration.isDeleted(tenant)) this.#forgotten.delete(tenant);
      else if (!this.#forgotten.has(tenant) && (await orAborted(queue.forget(tenant), signal)))
        this.#forgotten.add(tenant);
    }
  }

  #isRun(definition: StatisticConfig | undefined): boolean {
    return definition?.enabled === true && !this.#parts.configuration.isDeleted(definition.tenant);
  }

  async #begin(definition: StatisticConfig, before: Plan | undefined, signal: AbortSignal): Promise<Plan> {
    const windows = this.#windowsOf(definition);
    if (!windows) return { definition, windows, nextEndMs: undefined };
    const nowMs = this.#parts.clock.nowMs();
    // What the definition before has brought into the queue stays; the rest, and what ends from now on, follows the new one.
    if (before?.nextEndMs !== undefined)
      return { definition, windows, nextEndMs: windows.endAfter(Math.min(nowMs, before.nextEndMs - 1)) };
    await this.#catchUp(definition, windows, nowMs, signal);
    return { definition, windows, nextEndMs: windows.nextDue(nowMs) };
  }

  /** One wrong definition must not hold up the others; the configuration folder would not have let it pass. */
  #windowsOf(definition: StatisticConfig): Windows | undefined {
    try {
      return new Windows(definition);
    } catch (error) {
      const { tenant, statisticId: statistic } = definition;
      this.#parts.emit.definitionRefused({ tenant, statistic, reason: asMillraceError(error).message });
      return undefined;
    }
  }

  async #catchUp(definition: StatisticConfig, windows: Windows, nowMs: number, signal: AbortSignal): Promise<void> {
    const { stored, emit } = this.#parts;
    const { tenant, statisticId } = definition;
    const dueEndsMs = windows.lastDue(nowMs, missedWindowsMax + 1);
    const fromMicros = (dueEndsMs[0] ?? nowMs) * 1_000;
    const { endsMicros, older } = await stored.windowsFrom({ tenant, statisticId, fromMicros }, signal);
    const storedEndsMs = endsMicros.map((micros) => micros / 1_000);
    const { endsMs, olderSkipped } = missedWindows(dueEndsMs, { endsMs: storedEndsMs, older }, missedWindowsMax);
    await this.#add(definition, windows, endsMs, signal);
    const names = { tenant, statistic: statisticId };
    if (endsMs.length > 0) emit.windowsCaughtUp({ ...names, windows: endsMs.length });
    if (olderSkipped) emit.windowsSkipped({ ...names, windowsMax: missedWindowsMax });
  }

  /** Adds the windows that are due soon, or became due since the last pass. */
  async #advance(key: string, signal: AbortSignal): Promise<void> {
    const plan = this.#plans.get(key)!;
    const { definition, windows } = plan;
    if (!windows) return;
    const untilMs = this.#parts.clock.nowMs() + aheadMs;
    const endsMs: number[] = [];
    let next = plan.nextEndMs;
    while (next !== undefined && windows.dueMs(next) <= untilMs && endsMs.length < windowsPerPassMax) {
      endsMs.push(next);
      next = windows.endAfter(next);
    }
    if (endsMs.length === 0) return;
    await this.#add(definition, windows, endsMs, signal);
    this.#plans.set(key, { ...plan, nextEndMs: next });
    this.#parts.emit.windowsPlanned({ windows: endsMs.length });
  }

  async #add(
    { tenant, statisticId }: StatisticConfig,
    windows: Windows,
    endsMs: readonly number[],
    signal: AbortSignal,
  ): Promise<void> {
    const runs = endsMs.map((windowEndMs): PlannedRun => ({
      tenant,
      statisticId,
      windowEndMs,
      dueMs: windows.dueMs(windowEndMs),
    }));
    if (runs.length > 0) await orAborted(this.#parts.queue.add(runs), signal);
  }
}
