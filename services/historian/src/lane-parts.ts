/** The pieces of a batch on their way into the lanes of their tables. */
import { orAborted } from '@millrace/kernel';
import type { Contribution, RecordFailure } from './contribution.ts';
import type { FlushLane } from './flush-lane.ts';

export interface LanePart {
  readonly lane: FlushLane;
  readonly contribution: Contribution;
}

/** Parts that joined their flushes. */
export interface TakenParts {
  /** Settles with the flushes; rejects with the first error. */
  readonly stored: Promise<unknown>;
}

/** Resolves when every part joined a flush, which waits for room. */
export async function takeParts(parts: readonly LanePart[], signal: AbortSignal): Promise<TakenParts> {
  const flushes: Promise<void>[] = [];
  for (const { lane, contribution } of parts) {
    const { stored } = await lane.take(contribution, signal);
    stored.catch(() => undefined); // Told by `stored` below, once all parts are taken.
    flushes.push(stored);
  }
  return { stored: Promise.all(flushes) };
}

/** Resolves when every part is stored; does not wait for flushes once the signal is aborted. */
export async function storeParts(parts: readonly LanePart[], signal: AbortSignal): Promise<void> {
  const { stored } = await takeParts(parts, signal);
  await orAborted(stored, signal);
}

export function failuresOf(parts: readonly LanePart[]): readonly RecordFailure[] {
  return parts.flatMap(({ contribution }) => contribution.failures);
}
