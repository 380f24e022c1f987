/** Keeps the retention of the tenants' own tables at what the configuration says now. Every instance does; it does no harm twice. */
import { asMillraceError } from '@millrace/contracts';
import type { Clock } from '@millrace/kernel';
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
  readonly #stopping = new AbortController();
  /** Days by table, as they were applied. */
  readonly #applied = new Map<string, number | undefined>();
  #running: Promise<void> = Promise.resolve();
  #version = -1;

  constructor(options: RetentionKeeperOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('The service stops.'));
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock, configuration } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const { version } = configuration;
      if (version !== this.#version && (await this.#applyAll(signal))) this.#version = version;
      await clock.sleep(lookMs, signal).catch(() => undefined);
    }
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
