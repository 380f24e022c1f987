/** The result of the benchmark of failover: one shape for programs, tables for people. */
import { number, tableLines } from '../report-table.ts';
import type { AttackFigures, AttacksReport, Spread } from './measure-attacks.ts';
import type { FleetReport } from './measure-fleet.ts';
import type { SimulationReport } from './simulation.ts';

/** Null: was not asked for. */
export interface FailoverBenchReport {
  readonly attacks: AttacksReport | null;
  readonly fleet: FleetReport | null;
  readonly simulation: SimulationReport | null;
}

export function isSafe({ attacks, fleet, simulation }: FailoverBenchReport): boolean {
  const harmed = (one: { readonly lost: number; readonly overlapping: number } | null | undefined): boolean =>
    one ? one.lost > 0 || one.overlapping > 0 : false;
  const faults = attacks?.attacks.flatMap((one) => one.faults) ?? [];
  const simulated = simulation ?? { violations: [], branchesNeverTaken: [] };
  return (
    !harmed(attacks) &&
    !harmed(fleet?.failover) &&
    faults.length + simulated.violations.length + simulated.branchesNeverTaken.length === 0
  );
}

export function failoverReportText({ attacks, fleet, simulation }: FailoverBenchReport): string {
  const parts = [
    ...(attacks ? [attackLines(attacks)] : []),
    ...(fleet ? [fleetLines(fleet)] : []),
    ...(simulation ? [simulationLines(simulation)] : []),
  ];
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function attackLines(report: AttacksReport): string[] {
  const { connections, messagesPerSecond, leaseTtlMs, published, lost, overlapping } = report;
  return [
    `Attacks; ${connections} connections of two brokers, ${messagesPerSecond} messages a second, leases of ${number(leaseTtlMs)} ms`,
    '',
    ...tableLines([
      [
        '',
        'rounds',
        'moved',
        'takeover p50 ms',
        'p99',
        'outage p50 ms',
        'p99',
        'messages',
        'lost',
        'overlap',
        'stale',
        'twice',
      ],
      ...report.attacks.map(attackRow),
    ]),
    `  ${number(published)} messages published, ${number(lost)} lost, ${number(overlapping)} overlapping effects`,
    ...report.attacks.flatMap(({ attack, faults }) => faults.map((fault) => `  FAULT  ${attack}: ${fault}`)),
  ];
}

const attackRow = (one: AttackFigures): string[] => [
  one.attack,
  number(one.rounds),
  number(one.moved),
  ...cellsOf(one.takeoverMs),
  ...cellsOf(one.outageMs),
  number(one.published),
  number(one.lost),
  number(one.overlapping),
  number(one.staleRefused),
  number(one.duplicates),
];

const cellsOf = ({ p50, p99 }: Spread): string[] =>
  [p50, p99].map((value) => (Number.isNaN(value) ? '–' : number(value)));

function fleetLines(fleet: FleetReport): string[] {
  const { connections, instances, leaseTtlMs, startsPerSecond, loads, failover } = fleet;
  const spread = Math.max(...loads) - Math.min(...loads);
  return [
    `Fleet; ${number(connections)} connections over ${instances} instances, leases of ${number(leaseTtlMs)} ms, ${startsPerSecond} starts a second`,
    '',
    ...tableLines([
      ['created', `${number(fleet.creationSeconds, 1)} s`],
      ['one creation, p50 / p99', `${cellsOf(fleet.createMs).join(' / ')} ms`],
      ['all connected and balanced', `${number(fleet.settledSeconds, 1)} s`],
      ['connections of each instance', `${loads.join(', ')} (spread ${spread})`],
      ['memory of a connection', `${number(fleet.kibPerConnection)} KiB`],
      ['memory of all instances', `${number(fleet.residentMiBBefore)} → ${number(fleet.residentMiBAfter)} MiB`],
      ['one instance killed: connections taken over', number(failover.connections)],
      ['all of them sending elsewhere', `${number(failover.seconds, 1)} s`],
      ['takeover of one, p50 / p99', `${cellsOf(failover.takeoverMs).join(' / ')} ms`],
      ['instance back, loads even', `${number(failover.balancedSeconds, 1)} s`],
      ['messages published', number(failover.published)],
      ['lost', number(failover.lost)],
      ['overlapping effects', number(failover.overlapping)],
      ['effects that came twice', number(failover.duplicates)],
    ]),
  ];
}

function simulationLines({
  from,
  seeds,
  seconds,
  violations,
  branches,
  branchesNeverTaken,
}: SimulationReport): string[] {
  return [
    `Simulation of leases; seeds ${from} to ${from + seeds - 1} in ${number(seconds)} s`,
    '',
    ...tableLines([
      ['dangerous branch', 'taken'],
      ...Object.entries(branches).map(([branch, count]) => [branch, number(count)]),
    ]),
    `  ${number(violations.length)} violations`,
    ...violations.map(({ seed, violation }) => `  VIOLATION  --from ${seed} --seeds 1: ${violation}`),
    ...branchesNeverTaken.map((branch) => `  NEVER TAKEN  ${branch}`),
  ];
}
