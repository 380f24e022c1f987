/** `./millrace bench scripts`: what scripts cost, and what hostile ones can do. Needs no stack. */
import { loadavg } from 'node:os';
import { measureAttacks } from './measure-attacks.ts';
import { measureIsolates } from './measure-isolates.ts';
import { measureNeighbour } from './measure-neighbour.ts';
import { measureMixes, measureThroughput } from './measure-throughput.ts';
import { parseScriptsBenchOptions, type ScriptsBenchOptions, scriptsBenchHelp } from './options.ts';
import { isHarmless, type ScriptsBenchReport, scriptsReportText } from './scripts-report.ts';

/** Exit code: 0 when nothing was harmed, 1 otherwise, 2 for wrong flags. Figures below their floor are shown as such. */
export async function scriptsBench(parameters: readonly string[], signal: AbortSignal): Promise<number> {
  if (parameters.includes('--help')) return print(scriptsBenchHelp, 0);
  const options = parseScriptsBenchOptions(parameters);
  const report = await measureScripts(options, signal, (text) => void process.stderr.write(`${text}\n`));
  return print(options.json ? `${JSON.stringify(report)}\n` : scriptsReportText(report), isHarmless(report) ? 0 : 1);
}

export async function measureScripts(
  options: Omit<ScriptsBenchOptions, 'json'>,
  signal: AbortSignal,
  progress: (text: string) => void,
): Promise<ScriptsBenchReport> {
  const [loadBefore = 0] = loadavg();
  const throughput = await measureThroughput(options, signal, progress);
  const mixes = await measureMixes(options, signal, progress);
  const isolates = await measureIsolates(options, signal, progress);
  const neighbour = await measureNeighbour(options, signal, progress);
  const { attacks, mutants } = await measureAttacks(options, signal, progress);
  return { loadBefore, throughput, mixes, isolates, neighbour, attacks, mutants };
}

function print(text: string, code: number): number {
  process.stdout.write(text);
  return code;
}
