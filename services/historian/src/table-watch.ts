/** Looks every few seconds whether QuestDB suspended a table, says so and resumes it. Every instance does; it does no harm twice. */
import { asMillraceError } from '@millrace/contracts';
import { type Clock, Rounds } from '@millrace/kernel';
import type { SuspendedTable } from '@millrace/timeseries';
import type { HistorianEmitter } from './historian-events.ts';

/** Rows that nobody sees are noticed; a table whose cause is still there fails again at little cost. */
const lookMs = 5_000;

export interface TableWatchOptions {
  readonly suspended: (signal: AbortSignal) => Promise<readonly SuspendedTable[]>;
  readonly resume: (table: string, signal: AbortSignal) => Promise<void>;
  readonly events: Pick<HistorianEmitter, 'tableResumed' | 'tableLookFailed'>;
  readonly clock: Clock;
}

export class TableWatch {
  readonly #options: TableWatchOptions;
  readonly #rounds: Rounds;
  #found: number | undefined;

  constructor(options: TableWatchOptions) {
    this.#options = options;
    this.#rounds = new Rounds({ pauseMs: lookMs, clock: options.clock, round: (signal) => this.#look(signal) });
  }

  /** Suspended tables of the latest look, which it resumed; undefined: there was none yet, or QuestDB did not answer. */
  get found(): number | undefined {
    return this.#found;
  }

  start(): void {
    this.#rounds.start();
  }

  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { suspended, resume, events } = this.#options;
    try {
      const tables = await suspended(signal);
      this.#found = tables.length;
      for (const { table, reason } of tables) {
        await resume(table, signal);
        events.tableResumed({ table, reason });
      }
    } catch (error) {
      this.#found = undefined;
      if (!signal.aborted) events.tableLookFailed({ reason: asMillraceError(error).message });
    }
  }
}
