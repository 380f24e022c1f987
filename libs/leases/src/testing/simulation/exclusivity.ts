/** Watches from outside, in true time: no two instances believe at the same time that they hold a key. */
import type { Held } from '../../holdings.ts';
import type { Session } from '../../session.ts';

/** What a holder has open. */
export interface Open {
  readonly held: Held;
  readonly session: Session;
  closing: boolean;
}

export interface Believer {
  readonly name: string;
  readonly open: ReadonlyMap<string, Open>;
  /** Nothing is open of a process that is no more. */
  readonly isRunning: boolean;
  monotonicMs(): number;
}

export class Violation extends Error {}

/** Throws if another one holds what `self` begins. A frozen process counts: it may have looked at its lease just before. */
export function assertAlone(self: Believer, key: string, all: Iterable<Believer>, nowMs: number): void {
  for (const other of all) {
    if (other === self || !other.isRunning) continue;
    const open = other.open.get(key);
    if (open?.session.isValid(other.monotonicMs()))
      throw new Violation(`${self.name} began ${key} at ${Math.round(nowMs)} ms while ${other.name} holds it.`);
  }
}
