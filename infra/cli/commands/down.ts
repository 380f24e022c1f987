/** Ends what `up` started, from another shell or after `up` was killed. */
import { dataDirOption, defineCommand } from '../command.ts';
import { dataFolder } from '../data-folder.ts';
import { isRunning, stopRun } from '../stop-run.ts';

export const down = defineCommand({
  name: 'down',
  summary: 'Ends everything that runs',
  positionals: [],
  options: { 'data-dir': dataDirOption },
  async run({ options }, terminal) {
    const dataDir = dataFolder(options['data-dir']);
    if (isRunning(dataDir)) await terminal.step('Stopping', () => stopRun(dataDir));
    else terminal.line(`Nothing runs in ${dataDir}.`);
    return 0;
  },
});
