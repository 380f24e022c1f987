/**
 * One table and its two lanes. Rows in order of time are appended by QuestDB; late ones make it rewrite what is stored. So
 * rows that are some seconds older than the newest travel apart and are flushed every few seconds: measured at a paced
 * load, 5 % late rows among the others cost 14 µs of QuestDB's CPU per row, in a lane of their own 3.4.
 */
import type { DataRowList } from '@millrace/contracts';
import type { Clock } from '@millrace/kernel';
import type { PointsWriter } from '@millrace/timeseries';
import type { HistorianEmitter } from './historian-events.ts';
import { FlushLane, type FlushLaneOptions, type FlushLimits } from './flush-lane.ts';

/**
 * The partitions of one fetch are handled one after the other within this time and join one flush; the next fetch waits
 * for the flush, so nothing is won by waiting longer. 25,000 rows are about 4 MB.
 */
const onTimeLimits: FlushLimits = { weightMax: 25_000, lingerMs: 5, waitingWeightMax: 100_000 };

/** A late row may wait for this long: it was late before. */
const lateLimits: FlushLimits = { weightMax: 50_000, lingerMs: 5_000, waitingWeightMax: 200_000 };

/** Rows this much older than the newest stored one are late. Less would divide devices whose clocks differ a little. */
const lateAfterMicros = 10_000_000;

export interface TableStoreOptions {
  readonly table: string;
  /** A writer for each lane: each has one write at a time. */
  readonly newWriter: () => Pick<PointsWriter, 'write'>;
  /** Creates the table before its first row; called before each flush, so it remembers. */
  readonly ensure: (signal: AbortSignal) => Promise<void>;
  /** What becomes the latest value of its signals. */
  readonly onStored: (list: DataRowList) => void;
  readonly events: HistorianEmitter;
  readonly clock: Clock;
}

export class TableStore {
  readonly table: string;
  readonly onTime: FlushLane;
  readonly late: FlushLane;
  readonly #options: TableStoreOptions;
  /** Time of the newest row stored, but never in the future: one wrong clock must not make all others late. */
  #newestMicros = 0;

  constructor(options: TableStoreOptions) {
    this.table = options.table;
    this.#options = options;
    this.onTime = this.#newLane('on time', onTimeLimits);
    this.late = this.#newLane('late', lateLimits);
  }

  /** By its base time. */
  isLate(list: DataRowList): boolean {
    return list.timeMicros < this.#newestMicros - lateAfterMicros;
  }

  async close(signal: AbortSignal): Promise<void> {
    await Promise.all([this.onTime.close(signal), this.late.close(signal)]);
  }

  #newLane(lane: string, limits: FlushLimits): FlushLane {
    const { newWriter, ensure, events, clock } = this.#options;
    const writer = newWriter();
    const write: FlushLaneOptions['write'] = async (lists, signal) => {
      const startMs = clock.monotonicMs();
      await ensure(signal);
      const rejections = await writer.write(lists, signal);
      const rows = this.#afterWrite(lists, new Set(rejections.map(({ index }) => index)));
      events.rowsStored({ table: this.table, lane, rows, tookMs: Math.round(clock.monotonicMs() - startMs) });
      return rejections;
    };
    return new FlushLane({ write, limits, clock });
  }

  /** Rows stored. */
  #afterWrite(lists: readonly DataRowList[], rejected: ReadonlySet<number>): number {
    const nowMicros = this.#options.clock.nowMs() * 1_000;
    let rows = 0;
    for (const [index, list] of lists.entries()) {
      if (rejected.has(index)) continue;
      rows += list.rows.length;
      const timeMicros = Math.min(list.timeMicros, nowMicros);
      if (timeMicros > this.#newestMicros) this.#newestMicros = timeMicros;
      this.#options.onStored(list);
    }
    return rows;
  }
}
