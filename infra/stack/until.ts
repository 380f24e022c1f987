/** Waits for a condition, with a limit, outside of Vitest as well. */
import { setTimeout as sleep } from 'node:timers/promises';

const askAgainMs = 50;

/**
 * Resolves with true as soon as the condition holds, with false when it did not within the limit; a condition that throws
 * does not hold. Rejects with the signal's reason.
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
  limitMs: number,
  signal?: AbortSignal,
  everyMs: number = askAgainMs,
): Promise<boolean> {
  const endMs = performance.now() + limitMs;
  for (;;) {
    signal?.throwIfAborted();
    if (await holds(condition)) return true;
    if (performance.now() >= endMs) return false;
    await sleep(everyMs);
  }
}

async function holds(condition: () => boolean | Promise<boolean>): Promise<boolean> {
  try {
    return await condition();
  } catch {
    return false;
  }
}
