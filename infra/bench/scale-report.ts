/** What one, two and three instances gave: one shape for programs, one table for people. */
import { type BenchReport } from './report.ts';

export interface ScaleReport extends Pick<
  BenchReport,
  'load' | 'pointsSent' | 'pointsStored' | 'pointsLost' | 'pointsDuplicate'
> {
  readonly steps: readonly ScaleStep[];
}

export interface ScaleStep {
  /** Of each scaled service. */
  readonly instances: number;
  readonly seconds: number;
  readonly pointsAcceptedPerSecond: number;
  readonly pointsStoredPerSecond: number;
  /** CPU of our services, Kafka and QuestDB per stored point. */
  readonly microsPerPoint: number;
  /** Points accepted but not stored when the step ended. */
  readonly lagPoints: number;
  readonly shares: readonly InstanceShare[];
}

export interface InstanceShare {
  readonly service: string;
  readonly instance: string;
  readonly partitions: number;
  /** Of its service's messages, 0..1. */
  readonly share: number;
}

export function scaleReportText(report: ScaleReport): string {
  const number = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 0 });
  const columns = ['instances', 'accepted/s', 'stored/s', 'µs/point', 'lag'];
  const row = (cells: readonly string[]): string => `  ${cells.map((cell) => cell.padStart(12)).join('')}`;
  return [
    `Standard load over ${report.load.toUpperCase()}, in points, ${number(report.steps[0]?.seconds ?? 0)} s each`,
    '',
    row(columns),
    ...report.steps.map((step) =>
      row([
        String(step.instances),
        number(step.pointsAcceptedPerSecond),
        number(step.pointsStoredPerSecond),
        step.microsPerPoint.toFixed(2),
        number(step.lagPoints),
      ]),
    ),
    '',
    ...report.steps.flatMap(({ instances, shares }) => [
      `  ${instances} instances: partitions and share of the messages`,
      ...[...Map.groupBy(shares, ({ service }) => service)].map(
        ([service, ofService]) =>
          `    ${service.padEnd(18)}${ofService.map(({ partitions, share }) => `${partitions} (${(share * 100).toFixed(0)} %)`).join(', ')}`,
      ),
    ]),
    '',
    `  points sent, stored       ${number(report.pointsSent)}, ${number(report.pointsStored)}`,
    `  lost, duplicate           ${number(report.pointsLost)}, ${number(report.pointsDuplicate)}`,
    '',
  ].join('\n');
}
