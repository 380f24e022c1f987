/** What the run left behind is held against what was sent: records, rows, latest values, the services' own counts. */
import { topics } from '@millrace/contracts';
import type { PlantStack } from '../integrity/plant-stack.ts';
import { deviceUids, httpTenant, mqttTenant, signal as signalName } from '../integrity/plant.ts';
import { until } from '../stack/until.ts';
import { UserError } from '../stack/index.ts';
import { balanceOf, checkAccounting, readHops } from './accounting.ts';
import { allRead, parserInputs } from './groups.ts';
import { Journey } from './journey.ts';
import { type BalanceRow, type Check, type HopRow, Violations } from './proof.ts';
import type { ProvingLoad } from './proving-load.ts';
import { readRecorded, type Recorded } from './recorded.ts';
import type { Sampler } from './sampler.ts';
import { checkWindows } from './statistic-windows.ts';

const inputs = [
  ...parserInputs,
  { service: 'historian', topic: topics.points },
  { service: 'alarm-evaluator', topic: topics.points },
];
const readMsMax = 120_000;
/** What is stored shows within a second, in a table that QuestDB suspended within ten; what is missing then is lost. */
const visibleMsMax = 15_000;

export interface Reconciliation {
  readonly recorded: Recorded;
  readonly checks: readonly Check[];
  readonly balance: readonly BalanceRow[];
  readonly hops: readonly HopRow[];
  readonly rows: number;
  /** Messages, however often they were sent. */
  readonly deadLettered: number;
}

export interface RunParts {
  readonly plant: PlantStack;
  readonly load: ProvingLoad;
  readonly sampler: Sampler;
}

/** Everything sent must have its receipt. `stuck` is told what did not come to its end. */
export async function reconcile(
  { plant, load, sampler }: RunParts,
  stuck: Violations,
  report: (text: string) => void,
  signal: AbortSignal,
): Promise<Reconciliation> {
  report('waiting for the last message');
  await plant.stack.ready(signal).catch((error: unknown) => {
    if (!(error instanceof UserError)) throw error;
    stuck.add(error.message);
  });
  if (!(await allRead(plant.stack, inputs, readMsMax, signal))) stuck.add('Some records were not read to the end.');
  report('reading the topics');
  const journey = new Journey(load.ledger);
  const recorded = await readRecorded(plant.stack, journey, load.hostile);
  report('reading the rows');
  await until(async () => ((await sampler.stored()) ?? 0) >= journey.count('points'), visibleMsMax, signal);
  const rows = await readRows(plant, journey);
  const alarmRows = await alarmRowsOf(plant, recorded.alarmEvents.count, signal);
  const balance = balanceOf(recorded, journey, rows, alarmRows);
  const hops = await readHops(plant, signal);
  const checks = [
    ...journey.checks(),
    checkRepeats(recorded),
    await checkLatestValues(load, signal),
    await checkWindows(plant, signal),
    checkAccounting(balance, hops),
    load.hostile.check(),
  ];
  return { recorded, checks, balance, hops, rows, deadLettered: journey.count('deadLetters') };
}

/** Device by device: all at once are too many for one answer after half an hour. */
async function readRows(plant: PlantStack, journey: Journey): Promise<number> {
  let count = 0;
  for (const tenant of [httpTenant, mqttTenant])
    for (const deviceUid of deviceUids)
      for (const row of await plant.storedRows({ tenant, deviceUid })) {
        count += row.copies;
        journey.sawRow(row);
      }
  return count;
}

async function alarmRowsOf(plant: PlantStack, expected: number, signal: AbortSignal): Promise<number> {
  let count = 0;
  const areThere = async (): Promise<boolean> => {
    const [row] = await plant.query('SELECT count() FROM alarm_events');
    count = Number(row?.[0] ?? 0);
    return count >= expected;
  };
  await until(areThere, visibleMsMax, signal);
  return count;
}

function checkRepeats({ points, deadLetters, alarmEvents }: Recorded): Check {
  const violations = new Violations('repeat_differs', 'A record that is written again is the same, byte for byte.');
  for (const { contradictions } of [points, deadLetters, alarmEvents])
    for (const identity of contradictions) violations.add(identity);
  return violations.check;
}

async function checkLatestValues({ ledger, reader }: ProvingLoad, signal: AbortSignal): Promise<Check> {
  const violations = new Violations('latest_values_differ', 'The latest values in Redis are those last sent.');
  for (const deviceUid of deviceUids) {
    const last = ledger.entries.findLast(
      (entry) => entry.tenant === httpTenant && entry.deviceUid === deviceUid && entry.value !== null,
    );
    let found = '';
    const isLatest = async (): Promise<boolean> => {
      const latest = (await reader.latest(deviceUid))[signalName];
      found = `${latest?.value} at ${latest?.time}`;
      return latest?.value === last?.value && Date.parse(latest?.time ?? '') === last?.timeMs;
    };
    if (!(await until(isLatest, visibleMsMax, signal)))
      violations.add(
        `${deviceUid}: ${found} instead of ${last?.value} at ${new Date(last?.timeMs ?? 0).toISOString()}`,
      );
  }
  return violations.check;
}
