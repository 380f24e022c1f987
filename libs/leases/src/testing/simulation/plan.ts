/** What a course of the simulation has, and how long it is; all times in ms. */

export const ttlMs = 3_000;
export const faultsMs = 10 * ttlMs;
/** After the last fault: within so much everything has its place. */
export const settledMs = 5 * ttlMs;

export const plan = {
  ttlMs,
  /** Clocks run up to so much too fast or too slow. */
  driftMax: 0.01,
  marginMs: ttlMs * 0.1,
  lookMs: ttlMs / 6,
  startsPerSecond: 40,
  movesAtOnce: 4,
  /** From a call to its arrival, without faults. */
  delayMsMax: 20,
  /** The holder needs so much to close a key. */
  closeMsMax: ttlMs / 4,
  /** A change of what exists needs so much to reach an instance. */
  configurationMsMax: ttlMs / 2,
  /** From the end of closing to the begin elsewhere, when nothing is wrong: two requests, a look, a start. */
  handOverMsMax: ttlMs / 2,
} as const;
