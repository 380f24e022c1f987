/** Runs a program to its end and gives its output; a failure carries the last lines, for these say why. */
import { spawn } from 'node:child_process';

export interface RunOptions {
  readonly folder?: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** For its stdin, which is empty without. */
  readonly input?: string;
  readonly signal?: AbortSignal | undefined;
}

/** Kept of each output, from its end: enough for any answer we parse, and a babbling program does not fill the memory. */
const outputCharsMax = 4_000_000;
const shownLinesMax = 15;

export class CommandFailed extends Error {
  readonly missing: boolean;

  constructor(commandLine: string, reason: string, output: string, missing: boolean) {
    super(`${commandLine} ${reason}${output === '' ? '' : `:\n${output}`}`);
    this.name = 'CommandFailed';
    this.missing = missing;
  }
}

/** Resolves with what the program wrote to stdout; throws CommandFailed unless it ended with 0. */
export function runCommand(command: string, parameters: readonly string[], options: RunOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, parameters, {
      cwd: options.folder,
      env: options.environment ?? process.env,
      stdio: 'pipe',
      ...(options.signal && { signal: options.signal }),
    });
    const output = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const)
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        output[stream] = (output[stream] + text).slice(-outputCharsMax);
      });
    // A program that ends without reading says why on its other outputs.
    child.stdin.on('error', () => undefined).end(options.input);
    const line = [command.split('/').at(-1), ...parameters.slice(0, 4)].join(' ');
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (options.signal?.aborted) reject(error);
      else reject(new CommandFailed(line, `could not be started (${error.code})`, '', error.code === 'ENOENT'));
    });
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output.stdout);
      else
        reject(
          new CommandFailed(line, `ended with ${signal ?? code}`, lastLines(output.stderr || output.stdout), false),
        );
    });
  });
}

export function lastLines(text: string, count = shownLinesMax): string {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
