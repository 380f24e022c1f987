import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test, vi } from 'vitest';
import { groupOf, identityOf, isAlive } from './process-identity.ts';

test('a living process is recognised', () => {
  const identity = identityOf(process.pid);
  expect(identity && isAlive(identity)).toBe(true);
});

test('another process with the same number is not', () => {
  expect(isAlive({ pid: process.pid, born: 'another time' })).toBe(false);
  expect(groupOf({ pid: process.pid, born: 'another time' })).toEqual([]);
});

test('a process that ended is not alive', async () => {
  const child = spawn('sleep', ['60']);
  const identity = identityOf(child.pid!)!;
  expect(isAlive(identity)).toBe(true);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isAlive(identity)).toBe(false);
});

test.runIf(process.platform === 'linux')('children in the group of a process that was killed are found', async () => {
  const leader = spawn('sh', ['-c', 'sleep 60 & wait'], { detached: true });
  const identity = identityOf(leader.pid!)!;
  await vi.waitFor(() => expect(groupOf(identity)).toHaveLength(2));
  leader.kill('SIGKILL');
  await once(leader, 'exit');
  const left = groupOf(identity);
  expect(left).toHaveLength(1);
  expect(left).not.toContain(leader.pid);
  process.kill(-leader.pid!, 'SIGKILL');
  await vi.waitFor(() => expect(groupOf(identity)).toEqual([]));
});
