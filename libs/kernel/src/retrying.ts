/** Repeats what failed for a while: the thrower decides whether it is worth it, the signal how long. */
import { asMillraceError } from '@millrace/contracts';
import { backoff, type BackoffOptions } from './backoff.ts';
import { type Clock, systemClock } from './clock.ts';

export interface RetryOptions extends BackoffOptions {
  /** Default: what the error says of itself; a stranger's error is worth repeating. */
  readonly retryable?: (error: unknown) => boolean;
  /** Called before each wait; `attempt` counts from 1, `triedMs` is the time since the first attempt began. */
  readonly onRetry?: (error: unknown, attempt: number, delayMs: number, triedMs: number) => void;
  readonly clock?: Clock;
}

/**
 * Resolves with the first success. Throws the error that is not worth repeating, or the signal's reason once it is aborted.
 */
export async function retrying<T>(
  attempt: (signal: AbortSignal) => Promise<T>,
  options: RetryOptions,
  signal: AbortSignal,
): Promise<T> {
  const { retryable = saysRetry, onRetry, clock = systemClock } = options;
  const delays = backoff(options);
  const startedMs = clock.monotonicMs();
  for (let count = 1; ; count += 1) {
    signal.throwIfAborted();
    try {
      return await attempt(signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!retryable(error)) throw error;
      const delayMs = delays.next();
      onRetry?.(error, count, delayMs, clock.monotonicMs() - startedMs);
      await clock.sleep(delayMs, signal);
    }
  }
}

function saysRetry(error: unknown): boolean {
  return asMillraceError(error).retry !== 'never';
}
