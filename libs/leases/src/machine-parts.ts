/** What a machine is made of. */
import type { Clock } from '@millrace/kernel';
import type { Emitter } from '@millrace/observe';
import type { leaseEvents } from './lease-events.ts';
import type { LeaseTimes } from './session.ts';

export interface LeaseOptions extends LeaseTimes {
  /** How often the store is looked at when nothing happens. */
  readonly lookMs: number;
  /** Keys that may be begun in a second; a second's worth at once. */
  readonly startsPerSecond: number;
  /** Keys that this instance closes for others at a time. */
  readonly movesAtOnce: number;
}

export interface Capacity {
  readonly connectionsMax: number;
  /** Takes more. */
  readonly accepting: boolean;
}

export interface MachineParts {
  readonly instance: string;
  readonly url: string;
  readonly clock: Pick<Clock, 'nowMs' | 'monotonicMs'>;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** A text that nobody else makes. */
  readonly token: () => string;
  readonly options: LeaseOptions;
  /** What exists. */
  readonly keys: () => ReadonlySet<string>;
  /** Counts the changes of `keys`. */
  readonly keysVersion: () => number;
  readonly capacity: () => Capacity;
  readonly events: Emitter<typeof leaseEvents>;
}
