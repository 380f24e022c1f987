/** Runs Vitest projects in front of the person and brings back the counts. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../stack/service-launch.ts';
import { noTests, type TestCounts } from '../tools/test-counts.ts';
import { binary, workFolder } from './workspace.ts';

export interface VitestRun {
  /** A name, or names with a `*`. */
  readonly project: string;
  /** Parts of a file's path, one of which must be in it; empty: all files. */
  readonly patterns: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** A run that fails without a failed test (it was killed, or could not start) counts as one failure. */
export async function runVitest(
  { project, patterns, environment }: VitestRun,
  signal: AbortSignal,
): Promise<TestCounts> {
  mkdirSync(workFolder, { recursive: true });
  const folder = mkdtempSync(join(workFolder, 'test-run-'));
  const file = join(folder, 'counts.json');
  const parameters = ['run', '--project', project, '--passWithNoTests', '--reporter=default'];
  const child = spawn(binary('vitest'), [...parameters, '--reporter=./infra/tools/closing-line.ts', ...patterns], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...environment, CLOSING_LINE_FILE: file },
  });
  const stop = (): void => void child.kill('SIGTERM');
  signal.addEventListener('abort', stop);
  const [code] = (await once(child, 'exit')) as [number | null];
  signal.removeEventListener('abort', stop);
  const counts = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as TestCounts) : noTests;
  rmSync(folder, { recursive: true, force: true });
  return code === 0 || counts.failed > 0 ? counts : { ...counts, failed: 1 };
}
