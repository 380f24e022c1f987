/** Waiting for what a socket brings: looks ten times as often as usual, because a test has many such steps. */
import { vi } from 'vitest';

/** Resolves with what the condition returns once it throws no more; rejects with its last error after fifteen seconds. */
export function soon<T>(condition: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(condition, { timeout: 15_000, interval: 5 });
}
