/** Changes how many instances of its services a stack has while it runs. */
import { currentState } from '../../stack/state-file.ts';
import { type InstanceCounts } from '../../stack/service-fleet.ts';
import { UserError } from '../../stack/user-error.ts';
import { dataDirOption, defineCommand } from '../command.ts';
import { askControl } from '../control.ts';
import { dataFolder } from '../data-folder.ts';

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

/** `parser=3`; a service twice is refused, because one of the two would be forgotten. */
export function instanceCounts(words: readonly string[]): InstanceCounts {
  const counts: Record<string, number> = {};
  for (const word of words) {
    const [, name = '', count = ''] = /^([a-z][a-z-]*)=(\d{1,4})$/.exec(word) ?? [];
    if (name === '') throw new UserError(`Write service=N, for example parser=3, not ${word}.`, { exitCode: 2 });
    if (Object.hasOwn(counts, name)) throw new UserError(`${name} is named twice.`, { exitCode: 2 });
    counts[name] = Number(count);
  }
  return counts;
}
