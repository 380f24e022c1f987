/** Prints records of a topic, decoded, one JSON per line. */
import { existsSync } from 'node:fs';
import { currentState } from '../../stack/state-file.ts';
import { UserError } from '../../stack/user-error.ts';
import { dataDirOption, defineCommand } from '../command.ts';
import { dataFolder } from '../data-folder.ts';
import { binary } from '../workspace.ts';

export const consume = defineCommand({
  name: 'consume',
  summary: 'Prints the records of a topic, decoded, one JSON per line',
  positionals: [{ name: 'topic', required: true }],
  options: {
    'from-beginning': { kind: 'flag', summary: 'with what is there already' },
    max: { kind: 'count', placeholder: 'N', summary: 'end after N records' },
    'data-dir': dataDirOption,
  },
  async run({ options, positionals: [topic = ''] }, terminal, signal) {
    const dataDir = dataFolder(options['data-dir']);
    const url = (name: string): string => {
      const found = currentState(dataDir)?.processes.find((one) => one.name === name && one.ready)?.url;
      if (!found || !existsSync(binary('tsc')))
        throw new UserError(`No ${name} runs in ${dataDir}; start it with ./millrace up.`);
      return found;
    };
    const { printRecords } = await import('../print-records.ts');
    await printRecords(
      {
        topicName: topic,
        brokers: [url('kafka')],
        registryUrl: url('registry'),
        fromBeginning: options['from-beginning'],
        recordsMax: options.max ?? Number.POSITIVE_INFINITY,
      },
      (line) => terminal.line(line),
      signal,
    );
    return 0;
  },
});
