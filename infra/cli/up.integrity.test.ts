/** `./millrace up` and what comes after it, as a person at a shell lives through it. Needs a clone that builds. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { listenersOf } from '../stack/port-owner.ts';
import { groupOf, isAlive, type ProcessIdentity } from '../stack/process-identity.ts';
import { root } from '../stack/service-launch.ts';
import { readState, stateFileIn, type StackState } from '../stack/state-file.ts';

/** Downloads and three JVMs on a machine that is busy with other tests. */
const upMsMax = 300_000;
const downMsMax = 60_000;
const restartMsMax = 30_000;

const dataDir = mkdtempSync(join(tmpdir(), 'millrace-up-'));

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function millrace(...words: string[]): Promise<Outcome> {
  const child = spawn(join(root, 'millrace'), [...words, '--data-dir', dataDir], { stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => (output[stream] += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...output };
}

const state = (): StackState => readState(dataDir)!;

const identities = (): ProcessIdentity[] =>
  state().processes.flatMap(({ pid, born }) => (pid === null || born === null ? [] : [{ pid, born }]));

async function status(): Promise<StackState> {
  return JSON.parse((await millrace('status', '--json')).stdout) as StackState;
}

beforeAll(async () => {
  const outcome = await millrace('up', '--detach', '--no-demo');
  expect(outcome, outcome.stderr).toMatchObject({ code: 0 });
  expect(outcome.stdout).toContain('Millrace is running.');
}, upMsMax);

afterAll(async () => {
  await millrace('down');
  rmSync(dataDir, { recursive: true, force: true });
}, downMsMax);

test('up ends when everything is ready, and says so in status', async () => {
  const { state: phase, processes, dataDir: shown } = await status();
  expect({ phase, shown }).toEqual({ phase: 'ready', shown: dataDir });
  expect(processes.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['kafka', 'questdb', 'redis', 'gateway', 'api']),
  );
  for (const one of processes) expect(one, one.instance).toMatchObject({ ready: true, state: 'ready', restarts: 0 });
});

test('everything listens on the loopback only', () => {
  const loopbacks = ['0100007F', '0000000000000000FFFF00000100007F', '00000000000000000000000001000000'];
  const listeners = identities().flatMap(({ pid }) => listenersOf(pid));
  expect(listeners.length).toBeGreaterThan(10);
  for (const { address, port } of listeners) expect(loopbacks, `port ${port}`).toContain(address);
});

test('secrets are for their owner alone', () => {
  for (const file of [stateFileIn(dataDir), join(dataDir, 'secret.key'), join(dataDir, 'credentials.json')])
    expect(statSync(file).mode & 0o777, file).toBe(0o600);
});

test('of the credentials only hashes are in the configuration', () => {
  const configuration = ['devices.json', 'api-keys.json']
    .map((name) => readFileSync(join(dataDir, 'config', name), 'utf8'))
    .join('');
  for (const { apiKey, devices } of state().demo.tenants)
    for (const secret of [apiKey, ...devices.map(({ key }) => key)]) expect(configuration).not.toContain(secret);
});

test('a second up beside the first is refused in one sentence', async () => {
  const { code, stderr } = await millrace('up', '--detach');
  expect(code).toBe(1);
  expect(stderr).toMatch(/^millrace: Millrace runs in .+ already .+; \.\/millrace status shows it, .+\n$/);
});

test('a process that is killed comes back and is counted', { timeout: restartMsMax }, async () => {
  const redis = state().processes.find(({ name }) => name === 'redis')!;
  process.kill(redis.pid!, 'SIGKILL');
  await vi.waitFor(
    async () => {
      const now = (await status()).processes.find(({ name }) => name === 'redis')!;
      expect(now).toMatchObject({ ready: true, restarts: 1 });
      expect(now.pid).not.toBe(redis.pid);
    },
    { timeout: restartMsMax, interval: 200 },
  );
});

test(
  'scale changes the running stack from another shell, and refuses what cannot be',
  { timeout: upMsMax },
  async () => {
    const instances = async (): Promise<string[]> =>
      (await status()).processes
        .filter(({ name, ready }) => name === 'parser' && ready)
        .map(({ instance }) => instance);
    const up = await millrace('scale', 'parser=2');
    expect(up, up.stderr).toMatchObject({ code: 0, stdout: expect.stringMatching(/^parser-1 .+\nparser-2 .+\n$/) });
    expect(await instances()).toEqual(['parser-1', 'parser-2']);
    expect((await status()).state).toBe('ready');

    const refused = await millrace('scale', 'parser=13');
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('parser can have 1 to 12 instances, not 13.');
    expect((await millrace('scale', 'parser=1')).code).toBe(0);
    expect(await instances()).toEqual(['parser-1']);
  },
);

test('a killed up is cleaned by the next one, which takes its place', { timeout: upMsMax }, async () => {
  const before = identities();
  const { supervisor, processes } = state();
  process.kill(supervisor.pid, 'SIGKILL');
  await vi.waitFor(() => expect(isAlive(supervisor)).toBe(false));
  expect(before.some(isAlive)).toBe(true);
  expect((await status()).state).toBe('stopped');

  const outcome = await millrace('up', '--detach', '--no-demo');
  expect(outcome, outcome.stderr).toMatchObject({ code: 0 });
  expect(before.filter(isAlive)).toEqual([]);
  const after = await status();
  expect(after.state).toBe('ready');
  expect(after.processes.map(({ url }) => url)).toEqual(processes.map(({ url }) => url));
});

test('down leaves no process behind, and has nothing to do the second time', { timeout: downMsMax }, async () => {
  const before = identities();
  const { supervisor } = state();
  expect((await millrace('down')).code).toBe(0);
  expect([...before, supervisor].filter((one) => groupOf(one).length > 0)).toEqual([]);
  expect((await status()).state).toBe('stopped');
  expect((await millrace('down')).stdout).toBe(`Nothing runs in ${dataDir}.\n`);
});

test('Ctrl-C ends an up in the foreground and all it started', { timeout: upMsMax }, async () => {
  const up = spawn(join(root, 'millrace'), ['up', '--no-demo', '--data-dir', dataDir], { stdio: 'ignore' });
  const ended = once(up, 'exit');
  await vi.waitFor(async () => expect((await status()).state).toBe('ready'), { timeout: upMsMax, interval: 500 });
  const before = identities();
  up.kill('SIGINT');
  expect(await ended).toEqual([0, null]);
  expect(before.filter((one) => groupOf(one).length > 0)).toEqual([]);
});

test('a port that is in use is named', { timeout: upMsMax }, async () => {
  const taken = 24_311;
  const server = createServer().listen(taken, '127.0.0.1');
  await once(server, 'listening');
  const { code, stderr } = await millrace('up', '--detach', '--port-base', String(taken - 2));
  server.close();
  expect(code).toBe(1);
  expect(stderr).toContain(
    `millrace: Port ${taken} (for registry) is in use; choose another --port-base or leave it out.`,
  );
  expect(identities().filter(isAlive)).toEqual([]);
});
