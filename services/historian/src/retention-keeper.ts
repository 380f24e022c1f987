/** Keeps the retention of the tenants' own tables at what the configuration says now. Every instance does; it does no harm twice. */
import { asMillraceError } from '@millrace/contracts';
import { type Clock, Rounds } from '@millrace/kernel';
import type { TableDefinition } from '@millrace/timeseries';
import type { HistorianEmitter } from './historian-events.ts';

/** Points live for days: how soon their last one is known does not matter. */
const lookMs = 5_000;

export interface RetentionKeeperOptions {
  readonly configuration: { readonly version: number };
  /** The tables whose retention is the tenant's. */
  readonly tables: () => readonly TableDefinition[];
  /** False: it was so already. */
  readonly apply: (table: TableDefinition, signal: AbortSignal) => Promise<boolean>;
  readonly events: Pick<HistorianEmitter, 'retentionChanged' | 'retentionFailed'>;
  readonly clock: Clock;
}

export class RetentionKeeper {
  readonly #options: RetentionKeeperOptions;
  readonly #rounds: Rounds;
  /** Days by table, as they were applied. */
  readonly #applied = new Map<string, number | undefined>();
  #version = -1;

  constructor(options: RetentionKeeperOptions) {
    this.#options = options;
    this.#rounds = new Rounds({ pauseMs: lookMs, clock: options.clock, round: (signal) => this.#look(signal) });
  }

  start(): void {
    this.#rounds.start();
  }

  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { version } = this.#options.configuration;
    if (version !== this.#version && (await this.#applyAll(signal))) this.#version = version;
  }

  /** False: something is left to be done by the next look. */
  async #applyAll(signal: AbortSignal): Promise<boolean> {
    const { tables, apply, events } = this.#options;
    let all = true;
    for (const table of tables()) {
      const { name, retentionDays } = table;
      if (this.#applied.has(name) && this.#applied.get(name) === retentionDays) continue;
      try {
        if (await apply(table, signal)) events.retentionChanged({ table: name, retentionDays: retentionDays ?? null });
        this.#applied.set(name, retentionDays);
      } catch (error) {
        if (signal.aborted) return false;
        all = false;
        events.retentionFailed({ table: name, reason: asMillraceError(error).message });
      }
    }
    return all;
  }
}
