/** The benchmark's result: one shape for programs, one table for people. */

export interface ProcessCost {
  readonly name: string;
  readonly cpuSeconds: number;
  readonly microsPerPoint: number;
  readonly peakMiB: number;
  /** Part of the sum that the goal is for: our services, Kafka and QuestDB. */
  readonly counted: boolean;
}

export interface BenchReport {
  readonly load: 'http' | 'mqtt';
  readonly orderedMessagesPerSecond: number;
  readonly measuredSeconds: number;
  readonly pointsPerSecond: number;
  readonly processes: readonly ProcessCost[];
  /** Sum over the counted processes. */
  readonly microsPerPoint: number;
  readonly pointsSent: number;
  readonly pointsStored: number;
  readonly pointsLost: number;
  readonly pointsDuplicate: number;
  readonly alarmEvents: number;
  readonly receiptMs: Latency;
  readonly deviceToRowMs: Latency;
  readonly deviceToAlarmMs: Latency;
  /** Points accepted but not stored yet when the load ended, and how long they took. */
  readonly lagPoints: number;
  readonly drainSeconds: number;
  readonly behindMessages: number;
  readonly repeatedRequests: number;
}

export interface Latency {
  readonly p50: number;
  readonly p99: number;
}

export function reportText(report: BenchReport): string {
  const number = (value: number, digits = 0): string =>
    value.toLocaleString('en-US', { maximumFractionDigits: digits });
  const line = (name: string, value: string): string => `  ${name.padEnd(26)}${value}`;
  const latency = ({ p50, p99 }: Latency): string => `p50 ${number(p50, 1)} ms, p99 ${number(p99, 1)} ms`;
  const rows = report.processes.map(
    ({ name, cpuSeconds, microsPerPoint, peakMiB, counted }) =>
      `  ${name.padEnd(20)}${cpuSeconds.toFixed(1).padStart(8)} s${microsPerPoint.toFixed(2).padStart(10)}${peakMiB.toFixed(0).padStart(10)} MiB${counted ? '' : '  (not counted)'}`,
  );
  return [
    `Standard load over ${report.load.toUpperCase()}, ${report.measuredSeconds.toFixed(0)} s measured`,
    '',
    `  ${'process'.padEnd(20)}${'CPU'.padStart(10)}${'µs/point'.padStart(10)}${'peak'.padStart(14)}`,
    ...rows,
    `  ${'sum of the counted'.padEnd(30)}${report.microsPerPoint.toFixed(2).padStart(10)}`,
    '',
    line('points per second', number(report.pointsPerSecond)),
    line('points sent, stored', `${number(report.pointsSent)}, ${number(report.pointsStored)}`),
    line('lost, duplicate', `${number(report.pointsLost)}, ${number(report.pointsDuplicate)}`),
    line('alarm events', number(report.alarmEvents)),
    line('device → receipt', latency(report.receiptMs)),
    line('device → row', latency(report.deviceToRowMs)),
    line('device → alarm', latency(report.deviceToAlarmMs)),
    line('lag at the end', `${number(report.lagPoints)} points, stored ${number(report.drainSeconds, 1)} s later`),
    line(
      'generator behind',
      `${number(report.behindMessages)} messages, ${number(report.repeatedRequests)} requests sent again`,
    ),
    '',
  ].join('\n');
}
