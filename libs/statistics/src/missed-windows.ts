/** Which windows of the past still have to be evaluated, told by what was stored. */

export interface StoredWindows {
  /** Ends of windows with a result, among those that are asked about. */
  readonly endsMs: readonly number[];
  /** Whether there is any result of an older window. */
  readonly older: boolean;
}

export interface MissedWindows {
  /** Ends of the windows to evaluate, oldest first. */
  readonly endsMs: readonly number[];
  /** There are older ones without a result, beyond the limit. */
  readonly olderSkipped: boolean;
}

/**
 * `dueEndsMs`: ends of the last windows that were due, oldest first, one more than `countMax` where there are so many. Those of
 * the last `countMax` without a result, but none before the first result there is; a statistic without any begins with the last.
 */
export function missedWindows(dueEndsMs: readonly number[], stored: StoredWindows, countMax: number): MissedWindows {
  if (stored.endsMs.length === 0 && !stored.older) return { endsMs: dueEndsMs.slice(-1), olderSkipped: false };
  const known = new Set(stored.endsMs);
  const beginMs = stored.older ? -Infinity : Math.min(...stored.endsMs);
  const isMissed = (endMs: number): boolean => endMs > beginMs && !known.has(endMs);
  return {
    endsMs: dueEndsMs.slice(-countMax).filter(isMissed),
    olderSkipped: dueEndsMs.slice(0, -countMax).some(isMissed),
  };
}
