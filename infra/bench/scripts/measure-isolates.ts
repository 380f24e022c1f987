/** What one more script costs: the time until its first message is decoded, and memory of the processes that hold many. */
import { decodeUplinks, Sandbox } from '@millrace/sandbox';
import { Percentiles } from '../percentiles.ts';
import { readProcessTree, usageOf } from '../process-usage.ts';
import type { IsolateFigures } from './scripts-report.ts';
import { type BenchLanguage, benchLanguages, scriptOf, uplinksOf } from './workload.ts';

/** The second time all of them have been evicted meanwhile, if they do not fit. */
const turns = 2;

export async function measureIsolates(
  { scripts }: { readonly scripts: number },
  signal: AbortSignal,
  progress: (text: string) => void,
): Promise<readonly IsolateFigures[]> {
  const figures: IsolateFigures[] = [];
  for (const language of benchLanguages) {
    progress(`${scripts} scripts by turns: ${language.name}`);
    figures.push(await measureLanguage(language, scripts, signal));
  }
  return figures;
}

async function measureLanguage(language: BenchLanguage, scripts: number, signal: AbortSignal): Promise<IsolateFigures> {
  const kills: string[] = [];
  const sandbox = new Sandbox({ onKill: (_script, reason) => void kills.push(reason) });
  await sandbox.start();
  try {
    const startMs = new Percentiles();
    const uplinks = uplinksOf(1);
    const all = Array.from({ length: scripts }, (_, index) => scriptOf(language, `tenant_${index}`));
    const residentMiBBefore = residentMiBOf(sandbox);
    let residentMiBPeak = residentMiBBefore;
    let failures = 0;
    for (let turn = 0; turn < turns; turn += 1)
      for (const script of all) {
        signal.throwIfAborted();
        const startedMs = performance.now();
        const [[outcome] = []] = await decodeUplinks(sandbox, [{ script, uplinks }]);
        startMs.add(performance.now() - startedMs);
        if (outcome === undefined || 'code' in outcome) failures += 1;
        residentMiBPeak = Math.max(residentMiBPeak, residentMiBOf(sandbox));
      }
    const { name } = language;
    const startMsP50 = startMs.at(0.5);
    const startMsP99 = startMs.at(0.99);
    return {
      language: name,
      scripts,
      startMsP50,
      startMsP99,
      residentMiBBefore,
      residentMiBPeak,
      failures,
      kills: kills.length,
    };
  } finally {
    await sandbox.close();
  }
}

/** Of the processes at work, without the spare. */
function residentMiBOf({ pids }: Sandbox): number {
  const tree = readProcessTree();
  return pids.reduce((sum, pid) => sum + usageOf(pid, tree).residentMiB, 0);
}
