/** How often each branch was taken that is dangerous: a simulation that never takes one says nothing about it. */

export class Tally {
  readonly counts: Map<string, number> = new Map();

  /** Nothing is added where `weight` is 0: the branch was taken in vain. */
  add(branch: string, weight = 1): void {
    if (weight > 0) this.counts.set(branch, (this.counts.get(branch) ?? 0) + 1);
  }
}

/** Each of them has to be taken in a run of some thousand seeds. */
export const dangerousBranches = [
  'lease lost while holding',
  'takeover after observation',
  'adoption after loss of memory',
  'refused: lost',
  'refused: unknown',
  'refused: stale',
  'refused: the dead gave a sign',
  'refused: the key has an owner',
  'refused: no_room',
  'wipe',
  'restart with an old snapshot',
  'thaw past the lease',
  'change done, answer lost',
  'change done after its sender gave up',
  'inherited from the own past session',
  'handed over',
  'handed over, kept for want of room',
  'left cleanly',
  'memory lost while handing over',
  'crash while holding',
  'no room for a key',
] as const;
