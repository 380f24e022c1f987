/**
 * A newcomer's first quarter of an hour: `up` with the demo, then every command that it prints, as it is printed, in its order.
 * Needs a clone that builds.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { adminKeyIn } from '../stack/admin-key.ts';
import { root } from '../stack/service-launch.ts';
import { readState } from '../stack/state-file.ts';
import { findProgram } from '../stack/toolchain/search-path.ts';

/** Downloads and three JVMs on a machine that is busy with other tests. */
const upMsMax = 300_000;
/** Packages, a build of k6 when there is none yet, thirty seconds of load. */
const commandMsMax = 420_000;
const readyMsMax = 60_000;
/** Thirty commands, one after the other. */
const walkMsMax = 120_000;
/** A second for a change to be live, another for a frame to be stored, on a machine that is busy. */
const liveMsMax = 10_000;

const dataDir = mkdtempSync(join(tmpdir(), 'millrace-newcomer-'));
/** What is tried, in the order of the block, to its command. */
const printed = new Map<string, string>();
const tried = new Set<string>();

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function shell(line: string, variables: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  const env = { ...process.env, ...variables };
  const child = spawn('sh', ['-c', line], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => (output[stream] += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...output };
}

function command(what: RegExp): string {
  const found = [...printed].find(([title]) => what.test(title));
  if (!found) throw new Error(`Nothing of ${what} is printed`);
  tried.add(found[0]);
  return found[1];
}

/** For commands that answer with what there is at the moment. */
async function until(what: RegExp, fits: (stdout: string) => boolean, msMax: number): Promise<void> {
  const line = command(what);
  await vi.waitFor(async () => expect(await shell(line)).toSatisfy(({ stdout }: Outcome) => fits(stdout)), {
    timeout: msMax,
    interval: 500,
  });
}

interface Hop {
  readonly hop: string;
  readonly in: number;
}

/** Messages that the first parser took since it was started. */
async function parsed(): Promise<number> {
  const parser = readState(dataDir)!.processes.find(({ instance }) => instance === 'parser-1')!;
  const { hops } = (await (await fetch(`${parser.url}/v1/accounting`)).json()) as { hops: Hop[] };
  return hops.reduce((sum, hop) => sum + hop.in, 0);
}

beforeAll(async () => {
  const { code, stdout, stderr } = await shell(`./millrace up --detach --data-dir ${dataDir}`);
  expect(code, stderr).toBe(0);
  for (const [, title, line] of stdout.matchAll(/^ {2}# (.+)\n {2}(.+)$/gm)) printed.set(title!, line!);
}, upMsMax);

afterAll(async () => {
  await shell(`./millrace down --data-dir ${dataDir}`);
  rmSync(dataDir, { recursive: true, force: true });
}, readyMsMax);

test('a frame that is sent with curl gets its receipt', async () => {
  const { code, stdout } = await shell(command(/^Send a frame as a device/));
  expect({ code, answer: JSON.parse(stdout) }).toMatchObject({ code: 0, answer: { id: expect.any(String) } });
});

test('a line over TCP is answered with OK', async () => {
  expect((await shell(command(/over TCP/))).stdout).toMatch(/^OK\nOK [0-9a-f]{32}\n$/);
});

test('points are seen in the topic', { timeout: readyMsMax }, async () => {
  const { code, stdout } = await shell(command(/in the topic/));
  expect(code).toBe(0);
  const records = stdout.trim().split('\n');
  expect(records).toHaveLength(3);
  for (const record of records) expect(JSON.parse(record)).toMatchObject({ topic: 'telemetry.points.v1' });
});

test.for([
  ['Python', 'python3'],
  ['Java', 'mvn'],
] as const)('the subscriber in %s decodes points', { timeout: commandMsMax }, async ([language, program], { skip }) => {
  const line = command(new RegExp(`^Subscribe from ${language}`));
  skip(!findProgram(program), `${program} is not installed`);
  const { code, stdout, stderr } = await shell(line);
  expect(code, stderr).toBe(0);
  expect(stdout.trim().split('\n')).toHaveLength(3);
});

test("the device's rows are in QuestDB, and its latest value can be asked for", { timeout: readyMsMax }, async () => {
  await until(/^See rows in QuestDB/, (answer) => JSON.parse(answer).count === 5, readyMsMax);
  await until(/^Ask for the latest value/, (answer) => typeof JSON.parse(answer).value === 'number', readyMsMax);
});

test('a new kind of device takes three commands, and its first frame is stored', { timeout: walkMsMax }, async () => {
  const page = readFileSync(join(root, 'docs/control-plane.md'), 'utf8');
  const [script, product, device, frame, latest, ...others] = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(
    ([, line]) => line!,
  );
  const { processes } = readState(dataDir)!;
  const urlOf = (name: string): string => processes.find((one) => one.name === name)!.url!;
  const { ports } = processes.find(({ name }) => name === 'gateway')!;
  const variables = {
    MILLRACE_API_URL: urlOf('api'),
    MILLRACE_API_KEY: adminKeyIn(dataDir),
    GATEWAY: `http://127.0.0.1:${ports['gateway-1-ingest']}`,
  };
  const does = async (line: string): Promise<string> => {
    const { code, stdout, stderr } = await shell(line, variables);
    expect(code, `${line}${stdout}${stderr}`).toBe(0);
    return stdout;
  };
  for (const line of [script!, product!, device!]) await does(line);
  const soon = { timeout: liveMsMax, interval: 100 };
  await vi.waitFor(async () => expect(JSON.parse(await does(frame!))).toHaveProperty('id'), soon);
  const stored = async (uid: string): Promise<unknown> => {
    const query = `SELECT value FROM points_90d WHERE device = '${uid}' AND signal = 'soil_temperature'`;
    const found = await fetch(`${urlOf('questdb')}/exec?${new URLSearchParams({ query }).toString()}`);
    return ((await found.json()) as { dataset?: unknown }).dataset;
  };
  await vi.waitFor(async () => expect(await stored('soil-01')).toEqual([[31.7]]), soon);
  await vi.waitFor(async () => expect(await does(latest!)).toContain('"soil_temperature":{'), soon);
  expect(others).toHaveLength(26);
  for (const line of others) expect((await does(line)).length).toBeGreaterThan(0);
  for (const uid of ['soil-05', 'soil-06'])
    await vi.waitFor(async () => expect(await stored(uid)).toEqual([[31.7]]), soon);
});

test('a value of the PLC can be asked for', { timeout: readyMsMax }, async () => {
  await until(/from the PLC/, (answer) => typeof JSON.parse(answer).value === 'number', readyMsMax);
});

test('an alarm mail comes within two minutes', { timeout: 150_000 }, async () => {
  await until(/^Read the alarm mails/, (answer) => answer.includes('Cold store too warm'), 120_000);
});

test(
  'a second parser works beside the first, one is killed under load, and nothing is lost',
  {
    timeout: commandMsMax,
  },
  async () => {
    const scaled = await shell(command(/^Add a second parser/));
    expect(scaled, scaled.stderr).toMatchObject({ code: 0 });

    const kill = command(/kill a parser/);
    const before = await parsed();
    const load = shell(command(/^Load it with k6/));
    let ended = false;
    void load.then(() => (ended = true));
    onTestFinished(async () => void (await load));
    await vi.waitFor(async () => expect((await parsed()) - before).toBeGreaterThan(1_000), {
      timeout: commandMsMax,
      interval: 200,
    });
    expect(await shell(kill)).toMatchObject({ code: 0 });
    expect(ended).toBe(false);

    const { code, stdout } = await load;
    expect(code, stdout).toBe(0);
    expect(readState(dataDir)!.processes.find(({ instance }) => instance === 'parser-1')).toMatchObject({
      restarts: 1,
    });
  },
);

test('there is no command that was not tried', () => {
  expect([...tried].toSorted()).toEqual([...printed.keys()].toSorted());
});
