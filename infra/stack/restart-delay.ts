/** How long to wait before a process that ended is started again. */
/** From the number of ends in a row, counted from 1. */
export type RestartDelay = (endsInARow: number) => number;

export const restartDelayMsMin = 500;
export const restartDelayMsMax = 10_000;

/** A process that was ready for this long has recovered: its next end is the first of a row again. */
export const recoveredAfterMs = 30_000;

/** Doubles with each end in a row (counted from 1) up to the maximum, and stays there: nothing is ever given up. */
export function restartDelayMs(endsInARow: number): number {
  return Math.min(restartDelayMsMax, restartDelayMsMin * 2 ** Math.min(endsInARow - 1, 10));
}
