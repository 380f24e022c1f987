/** Changes how many instances of its services a stack has while it runs. */
import { currentState } from '../../stack/state-file.ts';
import { dataDirOption, defineCommand } from '../command.ts';
import { askControl } from '../control.ts';
import { dataFolder } from '../data-folder.ts';
import { instanceCounts } from '../instance-counts.ts';

export const scale = defineCommand({
  name: 'scale',
  summary: 'Changes the number of instances of services that run: parser=3 historian=2',
  positionals: [{ name: 'service=N', required: true, repeated: true }],
  options: { 'data-dir': dataDirOption },
  async run({ options, positionals }, terminal, signal) {
    const wanted = instanceCounts(positionals);
    const dataDir = dataFolder(options['data-dir']);
    await terminal.step('Scaling', (report) => askControl(dataDir, { scale: wanted }, report, signal));
    for (const { name, instance, url } of currentState(dataDir)?.processes ?? [])
      if (Object.hasOwn(wanted, name)) terminal.line(`${instance}  ${url}`);
    return 0;
  },
});
