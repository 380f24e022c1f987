/**
 * `state.json` in the data folder: what runs, for `status`, the demo fleet and the next `up`. It holds credentials of the
 * demo, so nobody else may read it (0600).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from './atomic-file.ts';
import { isAlive, type ProcessIdentity } from './process-identity.ts';
import { type ProcessStatus } from './process-plan.ts';

export type StackPhase = 'starting' | 'ready' | 'stopping' | 'stopped';

export interface DemoTenant {
  readonly id: string;
  readonly apiKey: string;
  readonly devices: readonly { readonly uid: string; readonly key: string }[];
}

export interface Demo {
  readonly tenants: readonly DemoTenant[];
}

export interface StackState {
  readonly version: string;
  readonly state: StackPhase;
  readonly dataDir: string;
  readonly processes: readonly ProcessStatus[];
  readonly demo: Demo;
  /** Who supervises; it is gone when it was killed. */
  readonly supervisor: ProcessIdentity;
}

export const stateFileIn = (dataDir: string): string => join(dataDir, 'state.json');

export function writeState(state: StackState): void {
  writeAtomically(stateFileIn(state.dataDir), `${JSON.stringify(state, null, 2)}\n`);
}

/** Undefined when nothing was ever started there. */
export function readState(dataDir: string): StackState | undefined {
  let text: string;
  try {
    text = readFileSync(stateFileIn(dataDir), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return JSON.parse(text) as StackState;
}

/** The state as it really is: a supervisor that was killed could not write that it stopped. */
export function currentState(dataDir: string): StackState | undefined {
  const state = readState(dataDir);
  if (!state || state.state === 'stopped' || isAlive(state.supervisor)) return state;
  const processes = state.processes.map((one): ProcessStatus => {
    const alive = one.pid !== null && one.born !== null && isAlive({ pid: one.pid, born: one.born });
    return alive ? { ...one, ready: false } : { ...one, pid: null, born: null, state: 'stopped', ready: false };
  });
  return { ...state, state: 'stopped', processes };
}
