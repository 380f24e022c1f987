/** The plant's statistic: one result for each window and device, none skipped, whatever was interrupted. */
import type { PlantStack } from '../integrity/plant-stack.ts';
import { deviceUids, statisticSeconds } from '../integrity/plant.ts';
import { until } from '../stack/until.ts';
import { type Check, Violations } from './proof.ts';

const windowMicros = statisticSeconds * 1_000_000;
/** The newest window is evaluated at this moment, and those that were missed are made up for. */
const completeMsMax = 30_000;

const sql = `SELECT count(), count_distinct(concat(cast(cast(ts AS long) AS string), device)), min(cast(ts AS long)), max(cast(ts AS long)),
  sum(CASE WHEN status = 'computed' THEN 0 ELSE 1 END) FROM statistic_results WHERE statistic = 'count'`;

export async function checkWindows(plant: PlantStack, signal: AbortSignal): Promise<Check> {
  const violations = new Violations(
    'windows_differ',
    'Each window of a statistic has one result for each device, and none was skipped.',
  );
  let found = '';
  const areComplete = async (): Promise<boolean> => {
    const [row = []] = await plant.query(sql);
    const [results = 0, distinct = 0, first = 0, last = 0, failed = 0] = row.map(Number);
    const windows = (last - first) / windowMicros + 1;
    found = `${results} results, ${distinct} distinct, ${failed} failed, of ${windows} windows and ${deviceUids.length} devices`;
    return results > 0 && results === distinct && failed === 0 && results === windows * deviceUids.length;
  };
  if (!(await until(areComplete, completeMsMax, signal))) violations.add(found);
  return violations.check;
}
