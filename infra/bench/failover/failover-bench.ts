/** `./millrace bench failover`: client managers under attack, a fleet that loses an instance, and the simulation of leases. */
import { failoverReportText, type FailoverBenchReport, isSafe } from './failover-report.ts';
import { measureAttacks } from './measure-attacks.ts';
import { measureFleet } from './measure-fleet.ts';
import { failoverBenchHelp, type FailoverBenchOptions, parseFailoverBenchOptions } from './options.ts';
import { simulateLeases } from './simulation.ts';

/** Exit code: 0 when nothing was lost and no former owner had an effect, 1 otherwise, 2 for wrong flags. */
export async function failoverBench(parameters: readonly string[], signal: AbortSignal): Promise<number> {
  if (parameters.includes('--help')) return print(failoverBenchHelp, 0);
  const options = parseFailoverBenchOptions(parameters);
  const report = await measureFailover(options, signal, (text) => void process.stderr.write(`${text}\n`));
  return print(options.json ? `${JSON.stringify(report)}\n` : failoverReportText(report), isSafe(report) ? 0 : 1);
}

async function measureFailover(
  options: FailoverBenchOptions,
  signal: AbortSignal,
  progress: (text: string) => void,
): Promise<FailoverBenchReport> {
  const { rounds, parserStopSeconds, connections, seeds, from } = options;
  const hasAttacks = rounds > 0 || parserStopSeconds > 0;
  return {
    attacks: hasAttacks ? await measureAttacks(options, signal, progress) : null,
    fleet: connections > 0 ? await measureFleet(options, signal, progress) : null,
    simulation: seeds > 0 ? await simulateLeases({ seeds, from }, signal, progress) : null,
  };
}

function print(text: string, code: number): number {
  process.stdout.write(text);
  return code;
}
