/** The state of a stack with `ready` as it is at this moment: every process is asked. */
import { components } from './components/index.ts';
import { httpAnswers } from './components/http-probe.ts';
import { type ProcessStatus } from './process-plan.ts';
import { currentState, type StackState } from './state-file.ts';

/** A process that needs longer than this to say that it is well, is not. */
const probeMsMax = 1_000;

export async function liveState(dataDir: string): Promise<StackState | undefined> {
  const state = currentState(dataDir);
  if (!state) return undefined;
  const processes = await Promise.all(
    state.processes.map(async (one) => ({ ...one, ready: one.ready && (await answers(one)) })),
  );
  const degraded = state.state === 'ready' && processes.some(({ ready }) => !ready);
  return { ...state, state: degraded ? 'starting' : state.state, processes };
}

async function answers({ name, kind, url, ports }: ProcessStatus): Promise<boolean> {
  const signal = AbortSignal.timeout(probeMsMax);
  try {
    if (kind === 'service') return await httpAnswers(`${url}/health/ready`, signal);
    const component = Object.values(components).find((one) => one.name === name);
    return component === undefined || (await component.isReady(ports, signal));
  } catch {
    return false;
  }
}
