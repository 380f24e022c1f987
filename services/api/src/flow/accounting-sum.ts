/** Adds the accounting of several processes, so that what disappears between two of them shows. */
import type { AccountingReport, HopReport } from '@millrace/observe';

export interface SummedHop extends HopReport {
  readonly service: string;
  /** How many instances of the service were added. */
  readonly instances: number;
}

/** One sum for each hop of each service, in the order in which they appear first. */
export function sumOf(reports: readonly AccountingReport[]): readonly SummedHop[] {
  const sums = new Map<string, SummedHop>();
  for (const { service, hops } of reports)
    for (const hop of hops) {
      const key = `${service} ${hop.hop}`;
      const before = sums.get(key);
      sums.set(key, before ? added(before, hop) : { service, instances: 1, ...hop });
    }
  return [...sums.values()];
}

function added(sum: SummedHop, hop: HopReport): SummedHop {
  const rejected: Partial<Record<string, number>> = { ...sum.rejected };
  for (const [code, messages] of Object.entries(hop.rejected)) rejected[code] = (rejected[code] ?? 0) + messages;
  return {
    ...sum,
    instances: sum.instances + 1,
    in: sum.in + hop.in,
    out: sum.out + hop.out,
    rejected,
    deadLettered: sum.deadLettered + hop.deadLettered,
    parked: sum.parked + hop.parked,
    repeated: sum.repeated + hop.repeated,
    inFlight: sum.inFlight + hop.inFlight,
  };
}
