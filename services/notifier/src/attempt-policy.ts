/** When a delivery is tried, again or no more: decided from the ledger and the clock alone. */
import type { NotificationAttempt } from '@millrace/contracts';

export type Outcome = NotificationAttempt['outcome'];

/** How a delivery stands in the ledger. */
export interface LedgerEntry {
  readonly attempt: number;
  readonly outcome: Outcome;
  /** Of that outcome, UTC milliseconds. */
  readonly timeMs: number;
}

/** Pauses between attempts: a full mailbox or a restarting server is over within minutes, or a person has to look. */
const pausesMs = [1_000, 5_000, 30_000, 120_000] as const;

/** An alarm that comes later than these attempts is told by the next transition, or by the dead letter. */
export const attemptsMax: number = pausesMs.length + 1;

export type NextStep =
  | { readonly kind: 'none' }
  | { readonly kind: 'wait' }
  | {
      readonly kind: 'attempt';
      readonly attempt: number;
      /** The attempt before has no end: its process died or lost the partition, and the receiver may have the notification. */
      readonly interrupted: boolean;
    }
  | { readonly kind: 'abandon'; readonly attempt: number };

export function nextStep(entry: LedgerEntry | undefined, nowMs: number): NextStep {
  if (entry === undefined) return { kind: 'attempt', attempt: 1, interrupted: false };
  const { attempt, outcome, timeMs } = entry;
  switch (outcome) {
    case 'delivered':
    case 'abandoned':
      return { kind: 'none' };
    case 'started':
      if (attempt >= attemptsMax) return { kind: 'abandon', attempt };
      return { kind: 'attempt', attempt: attempt + 1, interrupted: true };
    case 'failed':
      if (attempt >= attemptsMax) return { kind: 'abandon', attempt };
      if (nowMs < timeMs + (pausesMs[attempt - 1] ?? 0)) return { kind: 'wait' };
      return { kind: 'attempt', attempt: attempt + 1, interrupted: false };
  }
}
