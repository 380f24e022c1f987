/** Times of a cron expression on the clock of a zone. The same times come out from whichever time one asks, forwards and back. */
import { MillraceError } from '@millrace/contracts';
import { Cron } from 'croner';

export class CronSchedule {
  readonly #cron: Cron;

  /**
   * `expression`: 5 fields, or 6 with seconds first. `timeZone`: IANA name. A time that the zone skips becomes the first one
   * after the gap, a time that it repeats counts once; what comes every so many minutes or hours goes on evenly. Throws
   * `configuration_invalid` for an expression that cannot be read or never comes, and for an unknown zone.
   */
  constructor(expression: string, timeZone: string) {
    try {
      this.#cron = new Cron(expression, { timezone: timeZone, mode: '5-or-6-parts' });
      if (this.#cron.nextRun()) return;
    } catch (error) {
      throw invalid(`The cron expression "${expression}" in "${timeZone}" cannot be read: ${reasonOf(error)}`, error);
    }
    throw invalid(`The cron expression "${expression}" names a time that never comes.`);
  }

  /** The first time after this one, milliseconds since 1970 UTC; undefined: there is none. */
  after(ms: number): number | undefined {
    return this.#cron.nextRun(new Date(ms))?.getTime();
  }

  /** The last times before this one, newest first, at most `count`. */
  before(ms: number, count: number): readonly number[] {
    return this.#cron.previousRuns(count, new Date(ms)).map((date) => date.getTime());
  }
}

function invalid(detail: string, cause?: unknown): MillraceError {
  return new MillraceError('configuration_invalid', detail, { cause });
}

/** croner's messages begin with the name of the class that throws. */
function reasonOf(error: unknown): string {
  return String((error as Error).message).replace(/^Cron\w+: /, '');
}
