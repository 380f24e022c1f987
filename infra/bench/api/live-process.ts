/** What the benchmark says to the process of the live readers, and what it hears back. */

export interface LiveOrder {
  /** The api. */
  readonly url: string;
  readonly key: string;
}

export type ToReaders =
  /** Opens more readers; answered by `opened` when each was told that it has started. */
  | { readonly type: 'open'; readonly order: LiveOrder; readonly readers: number; readonly pace: 'quick' | 'slow' }
  /** Latencies begin anew. */
  | { readonly type: 'restart' }
  /** Slow readers read as quickly as the others from now on. */
  | { readonly type: 'hurry' }
  /** Answered by `counted`. */
  | { readonly type: 'count' };

export type FromReaders =
  | { readonly type: 'opened' }
  | { readonly type: 'counted'; readonly readers: readonly ReaderCount[]; readonly latencyMs: LatencyFigures };

export interface ReaderCount {
  readonly pace: 'quick' | 'slow';
  readonly events: number;
  readonly points: number;
  /** That it was told it did not get. */
  readonly missedPoints: number;
  readonly gapsTold: number;
  /** The stream ended before it was asked to. */
  readonly ended: boolean;
}

/** From the device's time to the reader; of some of the quick readers. */
export interface LatencyFigures {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}
