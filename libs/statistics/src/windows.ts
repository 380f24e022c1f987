/** Windows of a statistic: a time of its cron expression ends one, its lead time or the cron time before begins it. */
import type { StatisticConfig } from '@millrace/contracts';
import { CronSchedule } from '@millrace/kernel';

/** Milliseconds since 1970 UTC, the start included, the end not. */
export interface Window {
  readonly startMs: number;
  readonly endMs: number;
}

export type WindowDefinition = Pick<StatisticConfig, 'cron' | 'timeZone' | 'leadTimeSeconds' | 'graceSeconds'>;

export class Windows {
  readonly #schedule: CronSchedule;
  readonly #leadTimeMs: number | undefined;
  readonly #graceMs: number;

  /** Throws `configuration_invalid` for a cron expression or time zone that cannot be used. */
  constructor({ cron, timeZone, leadTimeSeconds, graceSeconds }: WindowDefinition) {
    this.#schedule = new CronSchedule(cron, timeZone);
    this.#leadTimeMs = leadTimeSeconds === null ? undefined : leadTimeSeconds * 1_000;
    this.#graceMs = graceSeconds * 1_000;
  }

  /** Undefined: no window ends then. */
  endingAt(endMs: number): Window | undefined {
    if (this.#schedule.after(endMs - 1) !== endMs) return undefined;
    const startMs = this.#leadTimeMs === undefined ? this.#schedule.before(endMs, 1)[0] : endMs - this.#leadTimeMs;
    return startMs === undefined ? undefined : { startMs, endMs };
  }

  /** End of the first window that ends after this time; undefined: there is none. */
  endAfter(ms: number): number | undefined {
    return this.#schedule.after(ms);
  }

  /** Ends of the last windows that were due by this time, oldest first, at most `count`. */
  lastDue(nowMs: number, count: number): readonly number[] {
    return this.#schedule.before(nowMs - this.#graceMs + 1, count).toReversed();
  }

  /** End of the first window that is due after this time. */
  nextDue(nowMs: number): number | undefined {
    return this.#schedule.after(nowMs - this.#graceMs);
  }

  /** When the window that ends then is to be evaluated. */
  dueMs(endMs: number): number {
    return endMs + this.#graceMs;
  }
}
