/** When a child has had its time. */
import type { LostReason } from './sandbox-process.ts';

/** A child that has not used its processor time is frozen after so many times its time, and this at least. */
const stalledTimes = 4;
const stalledMsMin = 2_000;
/** Ticks of the processor are coarse: so much less is as good. */
const tickMs = 25;

export interface Deadline {
  /** Whoever was at work for so long is ended. */
  readonly timeMs: number;
  /** And had so much of the processor; or is ended without blame when it had not, after several times the time. */
  readonly cpuLimitMs: number;
}

/**
 * Undefined: it goes on. A process that waits for the processor is given time: another one would wait as well. `usedMs`: of
 * the processor; undefined where nobody knows.
 */
export function verdictOf(
  { timeMs, cpuLimitMs }: Deadline,
  tookMs: number,
  usedMs: number | undefined,
): LostReason | undefined {
  if (tookMs <= timeMs) return undefined;
  if (usedMs === undefined || usedMs >= cpuLimitMs - tickMs) return 'timeout';
  return tookMs > Math.max(timeMs * stalledTimes, stalledMsMin) ? 'starved' : undefined;
}
