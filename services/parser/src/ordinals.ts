/** Tells rows of one message apart that have the same name and time: how many of them came before. */
import type { FlatRow } from '@millrace/sandbox';

/** Up to here comparing each with each is faster than a table. */
const fewRows = 8;

/** Undefined: all are 0, which is the rule. `baseMicros`: the time of rows without one of their own. */
export function ordinalsOf(rows: readonly FlatRow[], baseMicros: number): readonly number[] | undefined {
  if (rows.length <= fewRows && !hasTwins(rows)) return undefined;
  const counts = new Map<string, number>();
  return rows.map(({ name, timeMicros }) => {
    const key = `${timeMicros ?? baseMicros} ${name}`;
    const count = counts.get(key) ?? 0;
    counts.set(key, count + 1);
    return count;
  });
}

/** Whether two rows share a name, at whatever times. */
function hasTwins(rows: readonly FlatRow[]): boolean {
  for (let later = 1; later < rows.length; later += 1)
    for (let earlier = 0; earlier < later; earlier += 1) if (rows[earlier]!.name === rows[later]!.name) return true;
  return false;
}
