/** For tests: `./millrace` as a person or a script calls it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { root } from '../../stack/service-launch.ts';

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Call {
  readonly folder: string;
  readonly variables?: NodeJS.ProcessEnv;
  readonly input?: string | Uint8Array;
}

export async function runMillrace(
  words: readonly string[],
  { folder, variables = {}, input = '' }: Call,
): Promise<Outcome> {
  const child = spawn(join(root, 'millrace'), words, {
    cwd: folder,
    env: { ...process.env, ...variables, NO_COLOR: '1' },
  });
  child.stdin.end(input);
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => (output[stream] += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...output };
}
