/** The door to the proof, whose packages a fresh clone does not have yet. */
import { requireDiskSpace } from '../disk-space.ts';
import { defineCommand } from '../command.ts';
import { prepareWorkspace, workFolder } from '../workspace.ts';
import { cacheFolder } from '../../stack/toolchain/cache.ts';

export const prove = defineCommand({
  name: 'prove',
  summary: 'Kills and freezes every process under load, reconciles what was sent, replays the raw bytes',
  positionals: [],
  options: {
    minutes: {
      kind: 'count',
      placeholder: 'N',
      summary: 'how long the load lasts (3)',
    },
    seed: { kind: 'count', placeholder: 'N', summary: 'what the interruptions are drawn from (7)' },
    json: { kind: 'flag', summary: 'the result as JSON' },
    report: { kind: 'text', placeholder: 'FILE', summary: 'the result as one HTML page as well' },
    planted: { kind: 'text', placeholder: 'NAME|all', summary: 'plants a known bug that the proof must find' },
  },
  async run({ options }, terminal, signal) {
    requireDiskSpace([workFolder, cacheFolder()]);
    await prepareWorkspace(terminal, signal);
    const { runProve } = await import('../../prove/run-prove.ts');
    return runProve({ ...options, minutes: options.minutes ?? 3, seed: options.seed ?? 7 }, terminal, signal);
  },
});
