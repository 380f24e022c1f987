/** Shows the accounting to Prometheus, so that an alert rule can check the identity. Costs nothing until it is read. */
import { type Accounting, type HopReport, unexplainedMessages } from './accounting.ts';
import type { Metrics, Sample } from './metrics.ts';

/**
 * `hop_messages_total{hop,end}` with end `in`, `out`, `dead_lettered`, `parked`, `repeated` or `rejected_<code>`, and the
 * gauges `hop_in_flight_messages{hop}` and `hop_unexplained_messages{hop}`, which is 0 as long as nothing disappears.
 */
export function exportAccounting(accounting: Accounting, metrics: Metrics): void {
  const hops = (): readonly HopReport[] => accounting.report().hops;
  metrics.counted('hop_messages_total', 'Messages by hop and by what became of them.', ['hop', 'end'], () =>
    hops().flatMap(endsOf),
  );
  metrics.measured('hop_in_flight_messages', 'Messages a hop holds now.', ['hop'], () =>
    hops().map(({ hop, inFlight }) => ({ labels: { hop }, value: inFlight })),
  );
  metrics.measured('hop_unexplained_messages', 'Messages that the accounting identity misses.', ['hop'], () =>
    hops().map((report) => ({ labels: { hop: report.hop }, value: unexplainedMessages(report) })),
  );
}

function endsOf({ hop, rejected, ...counts }: HopReport): readonly Sample<'hop' | 'end'>[] {
  const ends = {
    in: counts.in,
    out: counts.out,
    dead_lettered: counts.deadLettered,
    parked: counts.parked,
    repeated: counts.repeated,
    ...Object.fromEntries(Object.entries(rejected).map(([code, count]) => [`rejected_${code}`, count])),
  };
  return Object.entries(ends).map(([end, value]) => ({ labels: { hop, end }, value }));
}
