/** Starts everything and stays, or leaves it running in the background. */
import { dataDirOption, defineCommand } from '../command.ts';
import { dataFolder, emptyDataFolder } from '../data-folder.ts';
import { instanceCounts } from '../instance-counts.ts';
import { runInBackground } from '../background.ts';
import { runPlatform } from '../platform-run.ts';

export const up = defineCommand({
  name: 'up',
  summary: 'Installs, builds and starts everything: infrastructure, services, a demo fleet',
  positionals: [],
  options: {
    detach: { kind: 'flag', summary: 'leave it running in the background' },
    'no-demo': { kind: 'flag', summary: 'without the demo fleet' },
    fresh: { kind: 'flag', summary: 'remove the data of earlier runs first' },
    'data-dir': dataDirOption,
    instances: {
      kind: 'text',
      placeholder: 'SERVICE=N,…',
      summary: 'more than one instance of a service, such as client-manager=3',
    },
    'port-base': { kind: 'count', placeholder: 'N', summary: 'use the ports from N upwards (free ones from 18000)' },
  },
  async run({ options }, terminal, signal) {
    const dataDir = dataFolder(options['data-dir']);
    if (options.fresh) await emptyDataFolder(dataDir);
    const wishes = {
      dataDir,
      demoFleet: !options['no-demo'],
      portBase: options['port-base'],
      instances: instanceCounts(options.instances?.split(',') ?? []),
    };
    return options.detach ? runInBackground(wishes, terminal, signal) : runPlatform(wishes, terminal, signal);
  },
});
