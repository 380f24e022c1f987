/** The door to the proof, whose packages a fresh clone does not have yet. */
import { requireDiskSpace } from '../disk-space.ts';
import { UserError } from '../../stack/user-error.ts';
import { defineCommand } from '../command.ts';
import { prepareWorkspace, workFolder } from '../workspace.ts';
import { cacheFolder } from '../../stack/toolchain/cache.ts';

export const prove = defineCommand({
  name: 'prove',
  summary:
    'Kills and freezes every process under load, reconciles what was sent, replays the raw bytes; or proves the configuration',
  positionals: [{ name: 'configuration', required: false }],
  options: {
    minutes: {
      kind: 'count',
      placeholder: 'N',
      summary: 'how long the load lasts (3)',
    },
    seed: { kind: 'count', placeholder: 'N', summary: 'what the interruptions are drawn from (7)' },
    json: { kind: 'flag', summary: 'the result as JSON' },
    report: { kind: 'text', placeholder: 'FILE', summary: 'the result as one HTML page as well' },
    changes: { kind: 'count', placeholder: 'N', summary: 'of configuration: how many are made (10000)' },
    planted: { kind: 'text', placeholder: 'NAME|all', summary: 'plants a known bug that the proof must find' },
  },
  async run({ options, positionals: [what] }, terminal, signal) {
    if (what !== undefined && what !== 'configuration')
      throw new UserError(
        `There is no proof ${what}; there is configuration, and the one of the stream without a name.`,
        {
          exitCode: 2,
        },
      );
    requireDiskSpace([workFolder, cacheFolder()]);
    await prepareWorkspace(terminal, signal);
    if (what === 'configuration') {
      const { runProveChanges } = await import('../../prove/configuration/run-prove-changes.ts');
      return runProveChanges(
        { changes: options.changes ?? 10_000, seed: options.seed ?? 7, json: options.json },
        terminal,
        signal,
      );
    }
    const { runProve } = await import('../../prove/run-prove.ts');
    return runProve({ ...options, minutes: options.minutes ?? 3, seed: options.seed ?? 7 }, terminal, signal);
  },
});
