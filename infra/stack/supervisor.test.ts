import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { afterEach, expect, test, vi } from 'vitest';
import { identityOf, isAlive } from './process-identity.ts';
import { type ProcessPlan } from './process-plan.ts';
import { loopback } from './ports.ts';
import { Supervisor } from './supervisor.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-supervisor-'));
const waitMs = 10_000;
const atOnce = (): number => 20;
let supervisor = new Supervisor(atOnce);

afterEach(async () => {
  await supervisor.stop();
  supervisor = new Supervisor(atOnce);
});

function shell(instance: string, script: string, more: Partial<ProcessPlan> = {}): ProcessPlan {
  return {
    name: instance.replace(/-\d+$/, ''),
    instance,
    kind: 'service',
    command: 'sh',
    parameters: ['-c', script],
    environment: { PATH: process.env['PATH'] ?? '' },
    workingFolder: folder,
    log: join(folder, `${instance}.log`),
    url: null,
    ports: {},
    isReady: () => Promise.resolve(true),
    stopSignal: 'SIGTERM',
    stopMsMax: 5_000,
    ...more,
  };
}

test('a process is ready when its probe says so', async () => {
  let asked = 0;
  const isReady = (): Promise<boolean> => Promise.resolve((asked += 1) > 2);
  supervisor.start(shell('slow-1', 'exec sleep 60', { isReady }));
  expect(supervisor.statuses[0]?.state).toBe('starting');
  await supervisor.ready(waitMs);
  expect(supervisor.statuses[0]).toMatchObject({ state: 'ready', ready: true, restarts: 0 });
  expect(asked).toBe(3);
});

test('a probe that throws means not ready yet', async () => {
  let asked = 0;
  const isReady = (): Promise<boolean> =>
    (asked += 1) > 1 ? Promise.resolve(true) : Promise.reject(new Error('refused'));
  supervisor.start(shell('refusing-1', 'exec sleep 60', { isReady }));
  await supervisor.ready(waitMs);
  expect(asked).toBe(2);
});

test.runIf(process.platform === 'linux')(
  'a probe that a stranger answers on the port does not make a process ready',
  async () => {
    const stranger = createServer().listen(0, loopback);
    await once(stranger, 'listening');
    const { port } = stranger.address() as { port: number };
    supervisor.start(shell('robbed-1', 'exec sleep 60', { ports: { main: port } }));
    await expect(supervisor.ready(500)).rejects.toThrow('robbed-1 not ready after 0.5 s');
    stranger.close();
  },
);

test('a process that is killed is started again and counted', async () => {
  const started = supervisor.start(shell('killed-1', 'exec sleep 60'));
  await supervisor.ready(waitMs);
  const before = started.status.pid;
  await started.kill();
  expect(started.state).toBe('waiting');
  await supervisor.ready(waitMs);
  expect(started.restarts).toBe(1);
  expect(started.status.pid).not.toBe(before);
});

test('children of a process that was killed do not live on', async () => {
  const pidFile = join(folder, 'orphan.pid');
  const started = supervisor.start(shell('parent-1', `sleep 60 & echo $! > ${pidFile}; wait`));
  await vi.waitFor(() => expect(existsSync(pidFile) && readFileSync(pidFile, 'utf8')).toMatch(/\d/));
  const child = identityOf(Number(readFileSync(pidFile, 'utf8')))!;
  expect(isAlive(child)).toBe(true);
  started.signal('SIGKILL');
  await vi.waitFor(() => expect(isAlive(child)).toBe(false));
});

test('waiting fails with the end of the log when a process keeps ending', async () => {
  supervisor.start(shell('broken-1', 'echo the reason; exit 3', { isReady: () => Promise.resolve(false) }));
  await expect(supervisor.ready(30_000)).rejects.toThrow(/broken-1 keeps ending: .*\n.*the reason/s);
});

test('a program that cannot be started counts as one that ended', async () => {
  const started = supervisor.start(
    shell('absent-1', '', { command: 'no-such-program', isReady: () => Promise.resolve(false) }),
  );
  await vi.waitFor(() => expect(started.state).toBe('waiting'));
  expect(started.status.pid).toBeNull();
});

test('who no longer wants to wait is not kept', async () => {
  supervisor.start(shell('late-1', 'exec sleep 60', { isReady: () => Promise.resolve(false) }));
  await expect(supervisor.ready(waitMs, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
});

test('a process that is removed ends in order and is forgotten', async () => {
  const [trapped, mark] = [join(folder, 'trapped'), join(folder, 'removed')];
  const script = `trap 'touch ${mark}; exit 0' TERM; touch ${trapped}; while :; do sleep 0.05; done`;
  supervisor.start(shell('one-1', 'exec sleep 60'));
  const removed = supervisor.start(shell('one-2', script, { isReady: async () => existsSync(trapped) }));
  await supervisor.ready(waitMs);
  const identity = identityOf(removed.status.pid!)!;
  await supervisor.remove('one-2');
  expect(isAlive(identity)).toBe(false);
  expect(existsSync(mark)).toBe(true);
  expect(supervisor.statuses.map(({ instance }) => instance)).toEqual(['one-1']);
});

test('a process that is replaced runs by its new plan, in its old place', async () => {
  supervisor.start(shell('api-1', 'exec sleep 60'));
  supervisor.start(shell('parser-1', 'exec sleep 60'));
  await supervisor.ready(waitMs);
  const before = supervisor.statuses[0]?.pid;
  await supervisor.replace(shell('api-1', 'exec sleep 61'));
  await supervisor.ready(waitMs);
  expect(supervisor.statuses.map(({ instance }) => instance)).toEqual(['api-1', 'parser-1']);
  expect(supervisor.statuses[0]?.pid).not.toBe(before);
});

test('stopping ends the demo before the services, and these before the infrastructure', async () => {
  const order: string[] = [];
  const script = "trap 'exit 0' TERM; while :; do sleep 0.05; done";
  for (const kind of ['infrastructure', 'demo', 'service'] as const)
    supervisor.start(shell(`${kind}-1`, script, { kind }));
  await supervisor.ready(waitMs);
  supervisor.onChange(() => {
    for (const { instance, state } of supervisor.statuses)
      if (state === 'stopped' && !order.includes(instance)) order.push(instance);
  });
  await supervisor.stop();
  expect(order).toEqual(['demo-1', 'service-1', 'infrastructure-1']);
});

test('what is killed for good is gone at once, however long it may take to stop, and stays away', async () => {
  const stubborn = "trap '' TERM; while :; do sleep 0.05; done";
  const started = ['one-1', 'two-1'].map((name) => supervisor.start(shell(name, stubborn, { stopMsMax: 60_000 })));
  await supervisor.ready(waitMs);
  const identities = started.map(({ status }) => identityOf(status.pid!)!);
  await supervisor.kill();
  expect(identities.map(isAlive)).toEqual([false, false]);
  expect(started.map(({ state }) => state)).toEqual(['stopped', 'stopped']);
});

test('a process that ignores SIGTERM is killed after its time', async () => {
  const started = supervisor.start(
    shell('stubborn-1', "trap '' TERM; while :; do sleep 0.05; done", { stopMsMax: 200 }),
  );
  await supervisor.ready(waitMs);
  const identity = identityOf(started.status.pid!)!;
  await supervisor.stop();
  expect(isAlive(identity)).toBe(false);
  expect(started.state).toBe('stopped');
});

test('a frozen process stops as well', async () => {
  const started = supervisor.start(shell('frozen-1', 'exec sleep 60', { stopMsMax: 60_000 }));
  await supervisor.ready(waitMs);
  started.signal('SIGSTOP');
  await supervisor.stop();
  expect(started.state).toBe('stopped');
});

test('a process that waits to be started again is not started after the stop', async () => {
  const started = supervisor.start(shell('ending-1', 'exit 1', { isReady: () => Promise.resolve(false) }));
  await vi.waitFor(() => expect(started.state).toBe('waiting'));
  await supervisor.stop();
  expect(started.state).toBe('stopped');
  expect(() => supervisor.start(shell('more-1', 'exec sleep 60'))).toThrow('the stack is stopping');
});
