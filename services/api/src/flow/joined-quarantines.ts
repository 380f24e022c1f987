/** Each instance of a service has a quarantine of its own: one list of them all, in which a rest stands once. */
import type { Quarantined } from './service-answers.ts';

/** More are looked at by script. */
const itemsMax = 1_000;

/** The one that lasts longest for each script and device, in order of their names. */
export function joinedQuarantines(found: readonly Quarantined[]): readonly Quarantined[] {
  const joined = new Map<string, Quarantined>();
  for (const one of found) {
    const key = `${one.scriptId} ${one.device ?? ''}`;
    const before = joined.get(key);
    if (!before || before.restsUntil < one.restsUntil) joined.set(key, one);
  }
  return [...joined.entries()]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, itemsMax)
    .map(([, one]) => one);
}
