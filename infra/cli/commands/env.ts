/** Makes what infra/compose.yaml needs beside itself: secrets and a configuration folder. */
import { chownSync, globSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from '../../stack/service-launch.ts';
import { defineCommand } from '../command.ts';
import { completedEnvironment, environmentFile, readEnvironment, writeEnvironment } from '../compose-environment.ts';
import { writeComposeConfiguration } from '../compose-configuration.ts';
import { prepareWorkspace, workFolder } from '../workspace.ts';

/** The user of the image; a container of root would be one as well. */
const imageUser = 1000;

export const env = defineCommand({
  name: 'env',
  summary: 'Makes the secrets and the configuration of infra/compose.yaml, and keeps those that are there',
  positionals: [],
  options: {},
  async run(_, terminal, signal) {
    await prepareWorkspace(terminal, signal);
    const dataDir = join(workFolder, 'compose');
    const user = process.getuid?.() || imageUser;
    const folder = join(dataDir, 'config');
    const values = completedEnvironment(readEnvironment(), { user, configFolder: folder });
    await writeComposeConfiguration(dataDir, values);
    if (process.getuid?.() === 0)
      for (const path of ['.', ...globSync('**', { cwd: folder })]) chownSync(join(folder, path), user, user);
    writeEnvironment(values);
    const shown = (path: string): string => terminal.styled('cyan', relative(process.cwd(), path) || '.');
    terminal.line(`${shown(environmentFile)} has the secrets, ${shown(folder)} is the configuration,`);
    terminal.line(`${shown(join(dataDir, 'credentials.json'))} has the keys of its devices and tenants.`);
    terminal.line(
      `\n  docker compose -f ${relative(process.cwd(), join(root, 'infra', 'compose.yaml'))} up -d --build`,
    );
    return 0;
  },
});
