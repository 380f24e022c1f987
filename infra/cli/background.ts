/** `up --detach`: the platform runs in a process of its own, this one shows how its start goes and leaves. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastLines } from '../stack/run-command.ts';
import { root } from '../stack/service-launch.ts';
import { UserError } from '../stack/user-error.ts';
import { preparePlatform, type PlatformWishes } from './platform-run.ts';
import { showWelcome } from './show-welcome.ts';
import { type Report } from './step.ts';
import { type Terminal } from './terminal.ts';

/** What the background process tells about its start. */
export type StartMessage =
  | { readonly kind: 'progress'; readonly text: string }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly sentence: string };

const program = join(import.meta.dirname, 'background-run.ts');

export async function runInBackground(
  wishes: PlatformWishes,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  await preparePlatform(wishes.dataDir, terminal, signal);
  const folder = join(wishes.dataDir, 'logs');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const log = join(folder, 'up.log');
  const output = openSync(log, 'a', 0o600);
  const child = spawn(process.execPath, [...process.execArgv, program, JSON.stringify(wishes)], {
    cwd: root,
    detached: true,
    stdio: ['ignore', output, output, 'ipc'],
  });
  await terminal.step('Starting in the background', (report) => started(child, log, report, signal));
  child.disconnect();
  child.unref();
  showWelcome(wishes.dataDir, terminal);
  return 0;
}

/** Resolves when the platform is ready. When the signal fires the background process is ended first. */
function started(child: ChildProcess, log: string, report: Report, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    let failure = new UserError(`The start failed; see ${log}`);
    const abort = (): void => {
      failure = signal.reason as UserError;
      child.kill('SIGTERM');
    };
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    child.on('message', (message: StartMessage) => {
      if (message.kind === 'progress') report(message.text);
      else if (message.kind === 'failed') failure = new UserError(message.sentence);
      else if (!signal.aborted) {
        signal.removeEventListener('abort', abort);
        child.removeAllListeners();
        resolve();
      }
    });
    child.once('error', reject);
    child.once('exit', () => {
      if (failure.message.startsWith('The start failed'))
        failure.message += `:\n${lastLines(readFileSync(log, 'utf8'))}`;
      reject(failure);
    });
  });
}
