/** What a run found: one shape for programs, a short text for people. */
import { peakOf } from './profiles.ts';
import type { Settings } from './settings.ts';

/** The part of k6's `handleSummary` data that is used. */
export interface SummaryData {
  readonly metrics: Readonly<Record<string, SummaryMetric | undefined>>;
  readonly state: { readonly testRunDurationMs: number };
}

interface SummaryMetric {
  readonly values: Readonly<Record<string, number | undefined>>;
  readonly thresholds?: Readonly<Record<string, { readonly ok: boolean }>>;
}

export interface LoadReport {
  readonly profile: string;
  readonly passed: boolean;
  /** Thresholds that were crossed, as `metric: condition`. */
  readonly crossed: readonly string[];
  readonly orderedMessagesPerSecond: number;
  readonly seconds: number;
  readonly messages: {
    readonly sent: number;
    readonly unconfirmed: number;
    readonly lost: number;
    readonly duplicate: number;
    readonly unexplained: number;
    /** False: the check did not come to its end, so the numbers say nothing. */
    readonly verified: boolean;
  };
  readonly requests: { readonly sent: number; readonly failedShare: number; readonly dropped: number };
  readonly receiptMs: { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number };
}

export function report({ metrics, state }: SummaryData, settings: Settings): LoadReport {
  const count = (name: string): number => metrics[name]?.values['count'] ?? 0;
  const duration = metrics['http_req_duration{scenario:ingest}']?.values ?? {};
  const failed = metrics['http_req_failed{scenario:ingest}']?.values ?? {};
  const crossed = Object.entries(metrics).flatMap(([name, metric]) =>
    Object.entries(metric?.thresholds ?? {})
      .filter(([, { ok }]) => !ok)
      .map(([condition]) => `${name}: ${condition}`),
  );
  return {
    profile: settings.profile,
    passed: crossed.length === 0,
    crossed,
    orderedMessagesPerSecond: peakOf(settings),
    seconds: state.testRunDurationMs / 1_000,
    messages: {
      sent: count('messages_sent'),
      unconfirmed: count('messages_unconfirmed'),
      lost: count('messages_lost'),
      duplicate: count('messages_duplicate'),
      unexplained: count('messages_unexplained'),
      verified: count('runs_verified') === 1,
    },
    requests: {
      sent: (failed['passes'] ?? 0) + (failed['fails'] ?? 0),
      failedShare: failed['rate'] ?? 0,
      dropped: count('dropped_iterations'),
    },
    receiptMs: {
      p50: duration['med'] ?? 0,
      p95: duration['p(95)'] ?? 0,
      p99: duration['p(99)'] ?? 0,
      max: duration['max'] ?? 0,
    },
  };
}

export function reportText(result: LoadReport): string {
  const { messages, requests, receiptMs } = result;
  const number = (value: number): string => String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
  const ms = (value: number): string => `${value.toFixed(1)} ms`;
  const line = (name: string, value: string): string => `  ${name.padEnd(22)}${value}`;
  return [
    '',
    `${result.profile}: ${result.passed ? 'passed' : 'FAILED'}, ${number(result.orderedMessagesPerSecond)} messages/s at the peak, ${number(result.seconds)} s with the check`,
    '',
    line('messages', `${number(messages.sent)} sent, ${number(messages.unconfirmed)} without a receipt`),
    messages.verified
      ? line('lost, stored again', `${number(messages.lost)}, ${number(messages.duplicate)}`)
      : line('lost, stored again', 'not known: the check did not come to its end'),
    line('unexplained', `${number(messages.unexplained)} in the accounting of all hops`),
    line(
      'requests',
      `${number(requests.sent)}, ${(requests.failedShare * 100).toFixed(2)} % failed, ${number(requests.dropped)} dropped`,
    ),
    line(
      'device → receipt',
      `p50 ${ms(receiptMs.p50)}, p95 ${ms(receiptMs.p95)}, p99 ${ms(receiptMs.p99)}, max ${ms(receiptMs.max)}`,
    ),
    ...result.crossed.map((one) => line('crossed', one)),
    '',
  ].join('\n');
}
