/** Messages per second of the processor, this process and its children together: what a service pays for scripts. */
import { decodeUplinks, type FunctionCall, Sandbox, type ScriptExecutor, type UplinkGroup } from '@millrace/sandbox';
import { usageOf } from '../process-usage.ts';
import { type BenchLanguage, benchLanguages, scriptOf, uplinksOf } from './workload.ts';
import type { MixFigures, ThroughputFigures } from './scripts-report.ts';

/** Of all candidates, by turns: an hour in which the machine is slow is one for all of them. */
const rounds = 5;
const warmUpShare = 0.2;
/** As a parser has them: several calls on their way, so that parent and child work at the same time. */
const callsAtOnce = 4;

interface Candidate {
  readonly name: string;
  /** Each is one call; taken by turns. */
  readonly groups: readonly UplinkGroup[];
  readonly sandbox: Sandbox;
  readonly run: (executor: ScriptExecutor, group: UplinkGroup) => Promise<unknown>;
}

/** Checked and flattened as well, as the parser has them. */
const withRows: Candidate['run'] = (executor, group) => decodeUplinks(executor, [group]);

/** The path alone: results as JSON has them. */
async function pathAlone(executor: ScriptExecutor, group: UplinkGroup): Promise<unknown> {
  const unread: ScriptExecutor = {
    async call(calls: readonly FunctionCall[], signal) {
      await executor.call(calls, signal);
      return [];
    },
  };
  return decodeUplinks(unread, [group]);
}

export async function measureThroughput(
  { seconds }: { readonly seconds: number },
  signal: AbortSignal,
  progress: (text: string) => void,
): Promise<readonly ThroughputFigures[]> {
  const sandbox = new Sandbox();
  await sandbox.start();
  try {
    const candidates = benchLanguages.flatMap((language): Candidate[] => {
      const uplinks = uplinksOf(language.messagesPerCall);
      const groups = [{ script: scriptOf(language, 'bench'), uplinks }];
      const { name } = language;
      return [
        { name, groups, sandbox, run: pathAlone },
        { name, groups, sandbox, run: withRows },
      ];
    });
    const perCpuSecond = await byTurns(candidates, seconds, signal, progress);
    return benchLanguages.map(({ name, messagesPerCall, floor, aim }, index) => ({
      language: name,
      messagesPerCall,
      perCpuSecond: perCpuSecond[2 * index]!,
      perCpuSecondWithRows: perCpuSecond[2 * index + 1]!,
      floor,
      aim,
    }));
  } finally {
    await sandbox.close();
  }
}

const mixedScripts = 100;
const mixedTenants = [10, 1_000] as const;

/** Many scripts in all languages by turns; each call is of one of them. */
export async function measureMixes(
  { seconds }: { readonly seconds: number },
  signal: AbortSignal,
  progress: (text: string) => void,
): Promise<readonly MixFigures[]> {
  const mixes: MixFigures[] = [];
  for (const tenants of mixedTenants) {
    const sandbox = new Sandbox();
    await sandbox.start();
    try {
      const scripts = Math.max(mixedScripts, tenants);
      const groups = Array.from({ length: scripts }, (_, index) => mixedGroup(index, tenants));
      const name = `${scripts} scripts of ${tenants} tenants`;
      const [perCpuSecond = NaN] = await byTurns([{ name, groups, sandbox, run: withRows }], seconds, signal, progress);
      mixes.push({ scripts, tenants, perCpuSecond });
    } finally {
      await sandbox.close();
    }
  }
  return mixes;
}

function mixedGroup(index: number, tenants: number): UplinkGroup {
  const language: BenchLanguage = benchLanguages[index % benchLanguages.length]!;
  const script = scriptOf(language, `tenant_${index % tenants}`, `decode_${index}`);
  return { script, uplinks: uplinksOf(mixedMessagesPerCall) };
}

/** What a fetch of the parser has of one script when there are so many. */
const mixedMessagesPerCall = 20;

/** The median of each candidate's rounds. */
async function byTurns(
  candidates: readonly Candidate[],
  seconds: number,
  signal: AbortSignal,
  progress: (text: string) => void,
): Promise<readonly number[]> {
  for (const candidate of candidates) {
    progress(`warming up: ${candidate.name}`);
    await load(candidate, (seconds * warmUpShare) / rounds, signal);
  }
  const figures = candidates.map((): number[] => []);
  for (let round = 1; round <= rounds; round += 1)
    for (const [index, candidate] of candidates.entries()) {
      progress(`throughput, round ${round} of ${rounds}: ${candidate.name}`);
      figures[index]!.push(await load(candidate, seconds / rounds, signal));
    }
  return figures.map(medianOf);
}

/** Until it has had so many seconds of the processor, however long others take it away. Gives messages per second of it. */
async function load(candidate: Candidate, cpuSeconds: number, signal: AbortSignal): Promise<number> {
  const { groups, sandbox, run } = candidate;
  const before = cpuSecondsOf(sandbox);
  let used = 0;
  let messages = 0;
  let next = 0;
  const caller = async (): Promise<void> => {
    while (used < cpuSeconds) {
      signal.throwIfAborted();
      const group = groups[next++ % groups.length]!;
      await run(sandbox, group);
      messages += group.uplinks.length;
      if (next % callsBetweenLooks === 0) used = cpuSecondsOf(sandbox) - before;
    }
  };
  await Promise.all(Array.from({ length: callsAtOnce }, caller));
  return messages / (cpuSecondsOf(sandbox) - before);
}

/** To look costs time of the processor itself. */
const callsBetweenLooks = 16;
const noOthers = new Map<number, readonly number[]>();

/** Of this process and of those at work. */
function cpuSecondsOf({ pids }: Sandbox): number {
  return [process.pid, ...pids].reduce((sum, pid) => sum + usageOf(pid, noOthers).cpuSeconds, 0);
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
