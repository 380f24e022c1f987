/** Nothing disappears silently: per hop, over the whole run by the records, and since their last start by the services. */
import { type HopReport, unexplainedMessages } from '@millrace/observe';
import type { PlantStack } from '../integrity/plant-stack.ts';
import { until } from '../stack/until.ts';
import type { Journey } from './journey.ts';
import { type BalanceRow, type Check, type HopRow, Violations } from './proof.ts';
import type { Recorded } from './recorded.ts';

/** A service counts a batch as ended within its next fetch. */
const atRestMsMax = 20_000;

export function balanceOf(recorded: Recorded, journey: Journey, rows: number, alarmRows: number): BalanceRow[] {
  const { points, deadLetters, alarmEvents, rawMessages, staleMessages: rejected } = recorded;
  const parse = { in: rawMessages, out: points.count, rejected, deadLettered: deadLetters.count, repeated: 0 };
  const store = {
    in: points.count,
    out: rows,
    rejected: 0,
    deadLettered: 0,
    repeated: points.count - journey.count('points'),
  };
  const storeAlarms = { in: alarmEvents.count, out: alarmRows, rejected: 0, deadLettered: 0, repeated: 0 };
  return [
    balanced('raw messages → points', parse, points.repeated + deadLetters.repeated),
    balanced('points → rows', store, 0),
    balanced('alarm events → rows', storeAlarms, alarmEvents.repeated),
  ];
}

function balanced(
  hop: string,
  counts: Pick<BalanceRow, 'in' | 'out' | 'rejected' | 'deadLettered' | 'repeated'>,
  writtenAgain: number,
): BalanceRow {
  const unexplained = counts.in - counts.out - counts.rejected - counts.deadLettered - counts.repeated;
  return { hop, ...counts, unexplained, writtenAgain };
}

/** When every hop is at rest, or has not come to rest in time. */
export async function readHops(plant: PlantStack, signal: AbortSignal): Promise<HopRow[]> {
  const instances = plant.stack.processes.filter(({ kind }) => kind === 'service').map(({ instance }) => instance);
  let rows: HopRow[] = [];
  const atRest = async (): Promise<boolean> => {
    const reports = await Promise.all(instances.map((instance) => plant.accounting(instance)));
    rows = reports.flatMap((report) => (report?.hops ?? []).map((hop) => hopRow(report!.instance, hop)));
    return reports.every((report) => report !== undefined) && rows.every(({ inFlight }) => inFlight === 0);
  };
  await until(atRest, atRestMsMax, signal, 200);
  return rows;
}

function hopRow(instance: string, report: HopReport): HopRow {
  const { hop, in: taken, out, deadLettered, parked, repeated, inFlight } = report;
  const rejected = Object.values(report.rejected).reduce((sum, count) => sum + count, 0);
  const unexplained = unexplainedMessages(report);
  return { instance, hop, in: taken, out, rejected, deadLettered, parked, repeated, inFlight, unexplained };
}

export function checkAccounting(balance: readonly BalanceRow[], hops: readonly HopRow[]): Check {
  const violations = new Violations(
    'unexplained',
    'Per hop: in = out + rejected + dead-lettered + parked + repeated, and nothing is in flight in the end.',
  );
  for (const { hop, unexplained } of balance) if (unexplained !== 0) violations.add(`${hop}: ${unexplained}`);
  for (const { instance, hop, unexplained, inFlight } of hops)
    if (unexplained !== 0 || inFlight !== 0)
      violations.add(`${instance} ${hop}: ${unexplained} unexplained, ${inFlight} in flight`);
  return violations.check;
}
