/** Shows the accounting to Prometheus, so that an alert rule can check the identity. Costs nothing until it is read. */
import { type Accounting, type HopReport, unexplainedMessages } from './accounting.ts';
import { common, counter, gauge } from './metric-definition.ts';
import type { Metrics, Sample } from './metrics.ts';

export const accountingMetrics = {
  messages: common(
    counter(
      'hop_messages_total',
      'Messages by hop and by what became of them: in, out, dead_lettered, parked, repeated or rejected_<code>.',
      ['hop', 'end'],
    ),
  ),
  inFlight: common(gauge('hop_in_flight_messages', 'Messages that a hop holds now.', ['hop'])),
  unexplained: common(
    gauge('hop_unexplained_messages', 'Messages that the accounting identity misses: 0, or something is wrong.', [
      'hop',
    ]),
  ),
} as const;

export function exportAccounting(accounting: Accounting, metrics: Metrics): void {
  const hops = (): readonly HopReport[] => accounting.report().hops;
  metrics.counted(accountingMetrics.messages, () => hops().flatMap(endsOf));
  metrics.measured(accountingMetrics.inFlight, () =>
    hops().map(({ hop, inFlight }) => ({ labels: { hop }, value: inFlight })),
  );
  metrics.measured(accountingMetrics.unexplained, () =>
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
