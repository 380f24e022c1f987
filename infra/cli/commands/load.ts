/** Load tests with k6 against the stack that is up, or one of its own. */
import { mkdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { profileNames } from '../../../load-tests/profiles.ts';
import { runK6, type LoadOrder, type LoadTarget } from '../../load/k6-run.ts';
import { runningTarget, withOwnStack } from '../../load/load-stack.ts';
import { addLoadTenant } from '../../load/load-tenant.ts';
import { Toolchain } from '../../stack/toolchain/toolchain.ts';
import { UserError } from '../../stack/user-error.ts';
import { dataDirOption, defineCommand } from '../command.ts';
import { dataFolder } from '../data-folder.ts';
import { type Terminal } from '../terminal.ts';
import { prepareWorkspace, workFolder } from '../workspace.ts';

/** Enough that a request does not name a device twice and partitions are even. */
const devicesUsual = 1_000;
const resultsFolder = join(workFolder, 'load');

export const load = defineCommand({
  name: 'load',
  summary: `Load test with k6 (${profileNames.join(', ')}); fails on a message that is lost or stored twice`,
  positionals: [{ name: 'profile', required: false }],
  options: {
    rate: { kind: 'count', placeholder: 'N', summary: "messages a second at the peak (the profile's own)" },
    seconds: { kind: 'count', placeholder: 'N', summary: "time at the peak (the profile's own)" },
    devices: { kind: 'count', placeholder: 'N', summary: `devices that send (${devicesUsual})` },
    json: { kind: 'flag', summary: 'the result as JSON' },
    configure: {
      kind: 'text',
      placeholder: 'DIR',
      summary: 'only add the tenant of the load tests to a configuration folder, and print its key',
    },
    'data-dir': dataDirOption,
  },
  async run({ options, positionals: [profile = 'smoke'] }, terminal, signal) {
    if (!profileNames.some((name) => name === profile))
      throw new UserError(`There is no profile ${profile}; there are ${profileNames.join(', ')}.`, { exitCode: 2 });
    const devices = options.devices ?? devicesUsual;
    await prepareWorkspace(terminal, signal);
    if (options.configure !== undefined) {
      terminal.line(await addLoadTenant(resolve(options.configure), devices));
      return 0;
    }
    mkdirSync(resultsFolder, { recursive: true });
    const order: LoadOrder = {
      profile,
      devices,
      messagesPerSecond: options.rate,
      seconds: options.seconds,
      results: join(resultsFolder, profile),
      format: options.json ? 'json' : 'text',
    };
    const k6 = await terminal.step('Preparing k6', (report) => new Toolchain({ report, signal }).k6());
    const work = (target: LoadTarget): Promise<number> => loaded(k6, target, order, terminal, signal);
    const running = await runningTarget(dataFolder(options['data-dir']), devices, signal);
    if (running) return work(running);
    terminal.note('No stack is up; this run starts one of its own.');
    return withOwnStack(devices, terminal, signal, work);
  },
});

/** On a terminal k6 shows its own progress; elsewhere there are signs of life. */
async function loaded(
  k6: string,
  target: LoadTarget,
  order: LoadOrder,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const progress = process.stdout.isTTY === true && order.format === 'text';
  const run = (): Promise<number> => runK6({ k6, target, order, progress }, signal).then(({ code }) => code);
  const code = progress ? await run() : await terminal.step(`Load test ${order.profile}`, run);
  terminal.note(`Results are in ${relative(process.cwd(), order.results)}.json and .txt.`);
  return code;
}
