/** A stack for one run of the integration tests, below the clone's work folder. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { holderOf } from '../stack/file-lock.ts';
import { stopLeftovers } from '../stack/leftovers.ts';
import { startStack, type Stack } from '../stack/stack.ts';
import { readState } from '../stack/state-file.ts';
import { lockFileIn } from './data-folder.ts';
import { Toolchain } from '../stack/toolchain/toolchain.ts';
import { type Terminal } from './terminal.ts';
import { workFolder } from './workspace.ts';

const folder = join(workFolder, 'test-stacks');

/** Runs `work` with the variables that tell tests where things listen; the stack ends with it. */
export async function withTestStack<T>(
  terminal: Terminal,
  signal: AbortSignal,
  work: (environment: Record<string, string>) => Promise<T>,
): Promise<T> {
  await removeAbandoned();
  mkdirSync(folder, { recursive: true });
  const dataDir = mkdtempSync(join(folder, 'run-'));
  const stack = await terminal.step('Starting the stack of the tests', (report) =>
    startStack({ dataDir, report }, signal),
  );
  try {
    return await work({ ...variables(stack), MILLRACE_TEST_MOSQUITTO: await new Toolchain().mosquitto() });
  } finally {
    // In order: a JVM writes its class archive when it ends, and every later stack of this machine starts quicker by it.
    await stack.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function variables(stack: Stack): Record<string, string> {
  return {
    MILLRACE_TEST_KAFKA: stack.address('kafka'),
    MILLRACE_TEST_REGISTRY: stack.address('registry'),
    MILLRACE_TEST_QUESTDB: stack.address('questdb'),
    MILLRACE_TEST_REDIS: stack.address('redis'),
    MILLRACE_TEST_POSTGRES: stack.address('postgres'),
    MILLRACE_TEST_MQTT: stack.address('mosquitto'),
    MILLRACE_TEST_SMTP: stack.address('smtp'),
    MILLRACE_TEST_MAIL: stack.address('mail'),
  };
}

/** What killed runs have left: processes and data. */
async function removeAbandoned(): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) {
    const dataDir = join(folder, name);
    if (holderOf(lockFileIn(dataDir))) continue;
    const state = readState(dataDir);
    if (state) await stopLeftovers(state);
    rmSync(dataDir, { recursive: true, force: true });
  }
}
