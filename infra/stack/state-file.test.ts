import { mkdtempSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { identityOf } from './process-identity.ts';
import { type ProcessStatus } from './process-plan.ts';
import { currentState, readState, stateFileIn, writeState, type StackState } from './state-file.ts';

const self = identityOf(process.pid)!;
const gone = { pid: self.pid, born: 'another time' };

const running: ProcessStatus = {
  name: 'redis',
  instance: 'redis-1',
  kind: 'infrastructure',
  pid: self.pid,
  born: self.born,
  state: 'ready',
  ready: true,
  url: 'redis://127.0.0.1:1',
  ports: { redis: 1 },
  log: 'redis-1.log',
  restarts: 0,
};

function stateIn(more: Partial<StackState> = {}): StackState {
  const dataDir = mkdtempSync(join(tmpdir(), 'millrace-state-'));
  return {
    version: '1',
    state: 'ready',
    dataDir,
    processes: [running],
    demo: { tenants: [] },
    supervisor: self,
    ...more,
  };
}

test('a state is read as it was written', () => {
  const state = stateIn();
  writeState(state);
  expect(readState(state.dataDir)).toEqual(state);
});

test('nobody else may read it, and no half file is left beside it', () => {
  const state = stateIn();
  writeState(state);
  expect(statSync(stateFileIn(state.dataDir)).mode & 0o777).toBe(0o600);
  expect(readdirSync(state.dataDir)).toEqual(['state.json']);
});

test('where nothing was started there is no state', () => {
  expect(readState(mkdtempSync(join(tmpdir(), 'millrace-state-')))).toBeUndefined();
});

test('the state of a living supervisor is what it wrote', () => {
  const state = stateIn();
  writeState(state);
  expect(currentState(state.dataDir)).toEqual(state);
});

test('after the supervisor was killed the state is stopped, and what it left running still has its pid', () => {
  const dead = { ...running, instance: 'redis-2', born: 'another time' };
  const state = stateIn({ supervisor: gone, processes: [running, dead] });
  writeState(state);
  const current = currentState(state.dataDir);
  expect(current?.state).toBe('stopped');
  expect(current?.processes.map(({ pid, ready }) => ({ pid, ready }))).toEqual([
    { pid: self.pid, ready: false },
    { pid: null, ready: false },
  ]);
});
