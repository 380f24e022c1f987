/**
 * What `evaluate` may return, checked once:
 *
 *     1.5, 'text', true, null     one value, named `value`; null: there is nothing to say
 *     {mean: 1.5, worst: {…}}     values by name, flattened as flatten.ts says
 */
import { ScriptFailure } from './failure.ts';
import { FlatRows, type FlatRow, flatten, plainOrigin } from './flatten.ts';
import { notFiniteName } from './json-result.ts';
import { UnusableResult } from './unusable-result.ts';

/** Name of the value where there is only one and it has none of its own. */
const onlyValueName = 'value';

export interface Evaluation {
  readonly values: readonly Pick<FlatRow, 'name' | 'value'>[];
  readonly warnings: readonly string[];
}

/** Takes the result as parsed JSON. Gives `script_result` for anything else than the above. */
export function readEvaluation(returned: unknown): Evaluation | ScriptFailure {
  const flat = new FlatRows();
  try {
    flatten(membersOf(returned), plainOrigin, flat);
    refuseRepeats(flat.rows);
  } catch (error) {
    if (error instanceof UnusableResult) return new ScriptFailure('script_result', error.message);
    throw error;
  }
  return { values: flat.rows.map(({ name, value }) => ({ name, value })), warnings: flat.warnings };
}

function membersOf(returned: unknown): object {
  if (Array.isArray(returned)) throw new UnusableResult('The result is an array: return a value, or values by name.');
  const named = typeof returned === 'object' && returned !== null && notFiniteName(returned) === undefined;
  return named ? returned : { [onlyValueName]: returned };
}

/** `{'a.b': 1, a: {b: 2}}` */
function refuseRepeats(rows: readonly FlatRow[]): void {
  const names = new Set<string>();
  for (const { name } of rows) {
    if (names.has(name)) throw new UnusableResult(`The result has two values of the name ${name.slice(0, 40)}.`);
    names.add(name);
  }
}
