/**
 * Keeps the latest values in Redis current, beside the rows and never in their way. Values wait in memory for up to a second
 * and go in few calls. What Redis does not have, because it was restarted, emptied or away for long, or because this
 * process died with values in memory, is read back from QuestDB.
 */
import { asMillraceError, type DataRowList } from '@millrace/contracts';
import { type Clock, Rounds } from '@millrace/kernel';
import { LatestBuffer, type LatestValues } from '@millrace/timeseries';
import type { HistorianEmitter } from './historian-events.ts';

/** People look at latest values; a second is what they notice, and what makes one write of many points. */
const flushMs = 1_000;

/** With nothing to write Redis is still asked whether it lost something. */
const idleChecksMs = 5_000;

/** Signals kept while Redis is away: about 40 MB. What finds no room is rebuilt. */
const waitingSignalsMax = 200_000;

/** A rebuild that failed is tried again. */
const rebuildAgainMs = 5_000;

/** What a process that was killed had in memory is of the last seconds, but may carry the devices' own times. */
const recentMicros = 24 * 3_600 * 1_000_000;

export interface LatestKeeperOptions {
  readonly values: Pick<LatestValues, 'write' | 'beginRebuild' | 'endRebuild' | 'markIncomplete'>;
  /** Writes what QuestDB has of this time (UTC microseconds) or later; resolves with the number of signals. */
  readonly rebuild: (sinceMicros: number, signal: AbortSignal) => Promise<number>;
  readonly events: HistorianEmitter;
  readonly clock: Clock;
}

export class LatestKeeper {
  readonly #options: LatestKeeperOptions;
  readonly #buffer = new LatestBuffer(waitingSignalsMax);
  readonly #rounds: Rounds;
  /** Dropped values that Redis has not been told of. */
  #dropped = false;
  #rebuilding: Promise<void> | undefined;
  #lastWriteMs = Number.NEGATIVE_INFINITY;

  constructor(options: LatestKeeperOptions) {
    this.#options = options;
    this.#rounds = new Rounds({ pauseMs: flushMs, clock: options.clock, round: () => this.#flushDue() });
  }

  /** Begins to write, and reads back what a process before this one may not have written any more. */
  start(): void {
    this.#rounds.start();
    this.#rebuilding = this.#readBackRecent().finally(() => (this.#rebuilding = undefined));
  }

  /** A list was stored. */
  offer(list: DataRowList): void {
    this.#buffer.offer(list);
  }

  /** Writes what waits, once, and ends. */
  async stop(): Promise<void> {
    await this.#rounds.stop();
    await this.#rebuilding;
    await this.#flush();
  }

  async #flushDue(): Promise<void> {
    const idle = this.#buffer.signals === 0 && this.#options.clock.monotonicMs() - this.#lastWriteMs < idleChecksMs;
    if (!idle) await this.#flush();
  }

  async #flush(): Promise<void> {
    const { values, events, clock } = this.#options;
    const { signals } = this.#buffer;
    const devices = this.#buffer.take();
    this.#lastWriteMs = clock.monotonicMs();
    try {
      await this.#tellDropped();
      const complete = await values.write(devices);
      if (signals > 0) events.latestWritten({ signals });
      if (!complete) this.#startRebuild();
    } catch (error) {
      this.#buffer.giveBack(devices);
      events.latestKept({ signals, reason: asMillraceError(error).message });
    }
  }

  async #tellDropped(): Promise<void> {
    if (this.#buffer.takeDropped()) this.#dropped = true;
    if (!this.#dropped) return;
    await this.#options.values.markIncomplete();
    this.#dropped = false;
    this.#options.events.latestDropped();
  }

  #startRebuild(): void {
    if (this.#rounds.signal.aborted) return;
    this.#rebuilding ??= this.#rebuildAll().finally(() => (this.#rebuilding = undefined));
  }

  /** One process at a time; the others go on writing and see when it is complete. */
  async #rebuildAll(): Promise<void> {
    const { values } = this.#options;
    await this.#reportFailure(async () => {
      const runId = await values.beginRebuild();
      if (runId === undefined) return;
      const outcome = (await this.#rebuild(0, 'all')) ? 'complete' : 'failed';
      await values.endRebuild(runId, outcome);
    });
  }

  async #readBackRecent(): Promise<void> {
    const sinceMicros = Math.floor(this.#options.clock.nowMs() * 1_000) - recentMicros;
    while (!this.#rounds.signal.aborted && !(await this.#rebuild(sinceMicros, 'recent')));
  }

  /** Whether it succeeded; after a failure it waits before it says so. */
  async #rebuild(sinceMicros: number, scope: string): Promise<boolean> {
    const { rebuild, events, clock } = this.#options;
    const startMs = clock.monotonicMs();
    return this.#reportFailure(async () => {
      const signals = await rebuild(sinceMicros, this.#rounds.signal);
      events.latestRebuilt({ signals, scope, tookMs: Math.round(clock.monotonicMs() - startMs) });
    });
  }

  async #reportFailure(action: () => Promise<void>): Promise<boolean> {
    const { events, clock } = this.#options;
    const { signal } = this.#rounds;
    try {
      await action();
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      events.latestRebuildFailed({ reason: asMillraceError(error).message });
      await clock.sleep(rebuildAgainMs, signal).catch(() => undefined);
      return false;
    }
  }
}
