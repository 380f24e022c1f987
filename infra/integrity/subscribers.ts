/** The programs of `examples/subscribers`, run as their readers would, with their pinned libraries kept in the cache. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, type Stack } from '../stack/index.ts';
import { runCommand } from '../stack/run-command.ts';
import { Cache, cacheFolder } from '../stack/toolchain/cache.ts';
import { Toolchain } from '../stack/toolchain/toolchain.ts';

const folder = join(root, 'examples', 'subscribers');

/** Long enough for a first answer of Kafka, when nothing else is known to come. */
const idleMs = 5_000;

export interface SubscribedRecord {
  readonly key: string | null;
  readonly value: Readonly<Record<string, unknown>>;
}

interface Program {
  readonly command: string;
  readonly parameters: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
}

const programs = { Python: pythonProgram, Java: javaProgram } as const;

export type Language = keyof typeof programs;

export const languages = Object.keys(programs) as Language[];

/** Fetches and builds what the program needs, unless an earlier run has. */
export async function prepare(language: Language): Promise<void> {
  await programs[language]();
}

/** The first `count` records of a topic, or fewer when none comes for five seconds. */
export async function subscribe(
  language: Language,
  stack: Stack,
  topic: string,
  count: number,
): Promise<SubscribedRecord[]> {
  const { command, parameters, environment = process.env } = await programs[language]();
  const where = ['--brokers', stack.address('kafka'), '--registry', stack.address('registry'), '--topic', topic];
  const until = ['--from-beginning', '--max', String(count), '--idle-ms', String(idleMs)];
  const lines = await runCommand(command, [...parameters, ...where, ...until], { environment });
  return lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as SubscribedRecord);
}

async function pythonProgram(): Promise<Program> {
  const requirements = join(folder, 'python', 'requirements.txt');
  const version = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const install = ['-m', 'pip', 'install', '--quiet', '--requirement', requirements, '--target'];
  const packages = await new Cache(cacheFolder(), () => {}).installed(
    `python-subscriber-${version}`,
    'the packages of the Python subscriber',
    async (staging) => void (await runCommand('python3', [...install, staging])),
  );
  const environment = { ...process.env, PYTHONPATH: packages };
  return { command: 'python3', parameters: [join(folder, 'python', 'subscribe.py')], environment };
}

async function javaProgram(): Promise<Program> {
  const toolchain = new Toolchain();
  const { executable } = await toolchain.java();
  const classPath = await toolchain.javaProject(join(folder, 'java'));
  const quiet = ['-XX:TieredStopAtLevel=1', '-Dorg.slf4j.simpleLogger.defaultLogLevel=error'];
  return { command: executable, parameters: [...quiet, '-cp', classPath, 'io.millrace.examples.Subscribe'] };
}
