/** Shows what the processes wrote. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { UserError } from '../../stack/user-error.ts';
import { dataDirOption, defineCommand } from '../command.ts';
import { dataFolder } from '../data-folder.ts';
import { LogTail } from '../log-tail.ts';

const linesShown = 40;

export const logs = defineCommand({
  name: 'logs',
  summary: 'Shows the last lines of all logs or of one process',
  positionals: [{ name: 'process', required: false }],
  options: {
    follow: { kind: 'flag', summary: 'go on with what is written' },
    lines: { kind: 'count', placeholder: 'N', summary: `lines of each log (${linesShown})` },
    'data-dir': dataDirOption,
  },
  async run({ options, positionals: [name] }, terminal, signal) {
    const files = logFiles(join(dataFolder(options['data-dir']), 'logs'), name);
    const width = Math.max(...files.map((file) => basename(file, '.log').length));
    const tails = files.map((file) => {
      const prefix = files.length > 1 ? `${terminal.styled('cyan', basename(file, '.log').padEnd(width))} ` : '';
      return new LogTail(file, (line) => terminal.line(prefix + line));
    });
    for (const tail of tails) tail.showLast(options.lines ?? linesShown);
    if (options.follow) await Promise.all(tails.map((tail) => tail.follow(signal)));
    return 0;
  },
});

/** `gateway` and `gateway-1` both mean the gateway's. */
function logFiles(folder: string, name: string | undefined): string[] {
  const all = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.log')) : [];
  const files = all.filter(
    (file) => name === undefined || file === `${name}.log` || file.replace(/-\d+\.log$/, '') === name,
  );
  if (files.length === 0) {
    const known = all.map((file) => basename(file, '.log')).join(', ');
    throw new UserError(
      all.length === 0 ? `There are no logs in ${folder}.` : `There is no log of ${name}; there are ${known}.`,
    );
  }
  return files.sort().map((file) => join(folder, file));
}
