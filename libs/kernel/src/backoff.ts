/** Exponential delays with full jitter: callers that failed together do not come back together. */

export interface BackoffOptions {
  /** No delay is shorter: a failing peer is left alone at least this long. */
  readonly delayMsMin: number;
  /** No delay is longer: a peer that came back is noticed within this time. */
  readonly delayMsMax: number;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
}

export interface Backoff {
  /** The next delay in milliseconds: uniform between the minimum and a bound that doubles each time. */
  next(): number;
  /** After a success. */
  reset(): void;
}

export function backoff({ delayMsMin, delayMsMax, random = Math.random }: BackoffOptions): Backoff {
  let boundMs = delayMsMin;
  return {
    next() {
      boundMs = Math.min(delayMsMax, boundMs * 2);
      return delayMsMin + random() * Math.max(0, boundMs - delayMsMin);
    },
    reset() {
      boundMs = delayMsMin;
    },
  };
}
