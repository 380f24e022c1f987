/** How many instances of which services somebody wants. */
import type { InstanceCounts } from '../stack/service-fleet.ts';
import { UserError } from '../stack/user-error.ts';

/** `parser=3`; a service twice is refused, because one of the two would be forgotten. */
export function instanceCounts(words: readonly string[]): InstanceCounts {
  const counts: Record<string, number> = {};
  for (const word of words) {
    const [, name = '', count = ''] = /^([a-z][a-z-]*)=(\d{1,4})$/.exec(word) ?? [];
    if (name === '') throw new UserError(`Write service=N, for example parser=3, not ${word}.`, { exitCode: 2 });
    if (Object.hasOwn(counts, name)) throw new UserError(`${name} is named twice.`, { exitCode: 2 });
    counts[name] = Number(count);
  }
  return counts;
}
