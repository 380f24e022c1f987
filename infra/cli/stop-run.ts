/** Ends a run from outside: asks its supervisor, and ends what one that was killed has left. */
import { setTimeout as sleep } from 'node:timers/promises';
import { stopLeftovers } from '../stack/leftovers.ts';
import { isAlive } from '../stack/process-identity.ts';
import { currentState, readState, writeState } from '../stack/state-file.ts';
import { holderOf, tryLock } from '../stack/file-lock.ts';
import { lockFileIn } from './data-folder.ts';

/** The supervisor's own limits (services 15 s, infrastructure 20 s) and some air. */
const supervisorStopMsMax = 60_000;
const pollMs = 100;

/** Whether there is a supervisor, or a process that a killed one has left. */
export function isRunning(dataDir: string): boolean {
  return (
    holderOf(lockFileIn(dataDir)) !== undefined ||
    (currentState(dataDir)?.processes.some(({ pid }) => pid !== null) ?? false)
  );
}

/** Resolves when all processes are gone. */
export async function stopRun(dataDir: string): Promise<void> {
  const supervisor = holderOf(lockFileIn(dataDir));
  if (supervisor) {
    process.kill(supervisor.pid, 'SIGTERM');
    const limit = performance.now() + supervisorStopMsMax;
    while (isAlive(supervisor) && performance.now() < limit) await sleep(pollMs);
    if (isAlive(supervisor)) process.kill(supervisor.pid, 'SIGKILL');
  }
  await cleanUp(dataDir);
}

async function cleanUp(dataDir: string): Promise<void> {
  const state = readState(dataDir);
  if (!state || state.state === 'stopped') return;
  // A new run may have started in between; it ends what was left by itself.
  const lock = tryLock(lockFileIn(dataDir));
  if (!lock) return;
  try {
    await stopLeftovers(state);
    writeState({ ...(currentState(dataDir) ?? state), state: 'stopped' });
  } finally {
    lock.release();
  }
}
