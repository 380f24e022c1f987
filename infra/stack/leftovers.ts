/** Ends what a killed supervisor left running. */
import { setTimeout as sleep } from 'node:timers/promises';
import { groupOf } from './process-identity.ts';
import { processKinds, type ProcessStatus } from './process-plan.ts';
import { type StackState } from './state-file.ts';

const pollMs = 50;

/** How long left-over processes have to stop by themselves; their clients are gone, so there is little to finish. */
const stopMsMax = 10_000;

/** Stops them in the usual order and returns how many there were. Only processes that are surely those of the state file. */
export async function stopLeftovers(state: StackState): Promise<number> {
  let count = 0;
  for (const kind of processKinds.toReversed()) {
    const left = state.processes.filter((one) => one.kind === kind && membersOf(one).length > 0);
    count += left.length;
    await Promise.all(left.map(stop));
  }
  return count;
}

async function stop(left: ProcessStatus): Promise<void> {
  const limit = performance.now() + stopMsMax;
  for (const signal of ['SIGTERM', 'SIGCONT'] as const) send(left, signal);
  while (membersOf(left).length > 0) {
    if (performance.now() > limit) send(left, 'SIGKILL');
    await sleep(pollMs);
  }
}

function send(left: ProcessStatus, signal: NodeJS.Signals): void {
  for (const pid of membersOf(left)) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended in between.
    }
  }
}

function membersOf({ pid, born }: ProcessStatus): number[] {
  return pid === null || born === null ? [] : groupOf({ pid, born });
}
