/** The Python consumer of `examples/subscribers`, run as its reader would, with its pinned packages kept in the cache. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, type Stack } from '../stack/index.ts';
import { runCommand } from '../stack/run-command.ts';
import { Cache, cacheFolder } from '../stack/toolchain/cache.ts';

const folder = join(root, 'examples', 'subscribers', 'python');
const requirements = join(folder, 'requirements.txt');

export interface SubscribedRecord {
  readonly key: string | null;
  readonly value: Readonly<Record<string, unknown>>;
}

/** The records of a topic from its beginning, until none comes for five seconds. */
export async function subscribeInPython(stack: Stack, topic: string): Promise<SubscribedRecord[]> {
  const version = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const cache = new Cache(cacheFolder(), () => {});
  const packages = await cache.installed(
    `python-subscriber-${version}`,
    'the packages of the Python subscriber',
    (staging) =>
      runCommand('python3', [
        '-m',
        'pip',
        'install',
        '--quiet',
        '--target',
        staging,
        '--requirement',
        requirements,
      ]).then(() => {}),
  );
  const where = ['--brokers', stack.address('kafka'), '--registry', stack.address('registry'), '--topic', topic];
  const parameters = [join(folder, 'subscribe.py'), ...where, '--from-beginning', '--idle-ms', '5000'];
  const lines = await runCommand('python3', parameters, { environment: { ...process.env, PYTHONPATH: packages } });
  return lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as SubscribedRecord);
}
