/** Neighbours of scripts that break limits: what they notice, and who is charged. */
import { getPriority } from 'node:os';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { FunctionCall, ScriptUsage } from './executor.ts';
import type { QuarantineEntry } from './quarantine.ts';
import { Sandbox } from './sandbox.ts';
import { script } from './testing/outcomes.ts';

const rested: QuarantineEntry[] = [];
const kills: string[] = [];
const sandbox = new Sandbox({
  processes: 2,
  limits: { callMs: 100, graceMs: 150 },
  onQuarantine: (entry) => void rested.push(entry),
  onKill: (_script, reason) => void kills.push(reason),
});

beforeAll(() => sandbox.start());
afterAll(() => sandbox.close());

/** Waits as long as its byte says, in milliseconds; 255: for ever. */
const waiting = `function decodeUplink({ bytes }) {
  const end = bytes[0] === 255 ? Infinity : Date.now() + bytes[0];
  while (Date.now() < end);
  return bytes[0];
}`;

function callOf(tenant: string, bytes: readonly number[], more: Partial<FunctionCall> = {}): FunctionCall {
  const values = bytes.map((byte) => Uint8Array.of(byte));
  const inputs = { count: bytes.length, columns: [{ name: 'bytes', kind: 'bytes', values } as const] };
  return {
    script: { ...script(waiting), tenant, name: `${tenant}/s@1` },
    functionName: 'decodeUplink',
    inputs,
    ...more,
  };
}

async function run(call: FunctionCall, by = sandbox): Promise<readonly unknown[]> {
  const [outcomes = []] = await by.call([call]);
  return outcomes.map((outcome) => ('returned' in outcome ? outcome.returned : outcome.code));
}

test('tenants are spread over processes, and one that broke a limit goes to another, which comes after all others', async () => {
  await Promise.all(['a', 'b', 'c', 'd'].map((tenant) => run(callOf(tenant, [0]))));
  expect(sandbox.pids).toHaveLength(2);
  expect(await run(callOf('a', [255]))).toEqual(['script_timeout']);
  const suspect = callOf('a', [255, 1]);
  expect(await run(suspect)).toEqual(['script_timeout', 1]);
  expect(sandbox.pids).toHaveLength(3);
  const [first = NaN, second = NaN, suspects = NaN] = sandbox.pids.map((pid) => getPriority(pid));
  expect(suspects).toBeGreaterThan(Math.max(first, second));
});

test('a neighbour is answered while a suspect of its process loops', async () => {
  const patient = new Sandbox({ limits: { callMs: 500 } });
  await patient.start();
  const ended = vi.fn();
  const suspect = callOf('a', [255], { onUsage: ended });
  await run(suspect, patient);
  ended.mockClear();
  const attack = run(suspect, patient);
  expect(await run(callOf('a', [0, 1]), patient)).toEqual([0, 1]);
  expect(ended).not.toHaveBeenCalled();
  await attack;
  await patient.close();
}, 40_000);

test('what is not reached within the patience of a call is deferred, and charged to nobody', async () => {
  const bytes = Array<number>(100).fill(20);
  const results = await run(callOf('slow', bytes, { patienceMs: 100 }));
  expect(results).toHaveLength(100);
  expect(results.filter((result) => result !== 20 && result !== 'script_deferred')).toEqual([]);
  expect(results.at(-1)).toBe('script_deferred');
  expect(sandbox.quarantine.list('slow')).toEqual([]);
});

test('a script rests for the device that breaks it, and works for the others', async () => {
  const call = callOf('devices', [255, 1, 255, 2, 255, 3], {
    subjects: ['bad', 'good', 'bad', 'good', 'bad', 'good'],
  });
  expect(await run(call)).toEqual(['script_timeout', 1, 'script_timeout', 2, 'script_timeout', 3]);
  expect(rested.at(-1)).toMatchObject({ tenant: 'devices', subject: 'bad', reason: 'timeout' });
  expect(await run({ ...callOf('devices', [7, 8]), script: call.script, subjects: ['bad', 'good'] })).toEqual([
    'script_quarantined',
    8,
  ]);
  expect(sandbox.quarantine.clear('devices', 's')).toBe(1);
  expect(await run({ ...callOf('devices', [7]), script: call.script, subjects: ['bad'] })).toEqual([7]);
});

test('what a call costs is told, also when it cost the process', async () => {
  const usages: ScriptUsage[] = [];
  const onUsage = (usage: ScriptUsage): void => void usages.push(usage);
  await run(callOf('usage', [30], { onUsage }));
  expect(usages).toEqual([{ cpuMs: expect.any(Number), heapBytes: undefined }]);
  expect(usages[0]!.cpuMs).toBeGreaterThan(1);
  usages.length = 0;
  const running = run(callOf('usage', [50], { onUsage }));
  for (const pid of sandbox.pids) process.kill(pid, 'SIGKILL');
  expect(await running).toEqual([50]);
  expect(usages.length).toBeGreaterThanOrEqual(2);
}, 15_000);

test('a process that is killed from outside again and again costs its calls nothing', async () => {
  const call = callOf('killed', Array<number>(20).fill(5));
  const running = run(call);
  let killed = 0;
  const killer = setInterval(() => {
    for (const pid of sandbox.pids) if (killed < 2) process.kill(pid, 'SIGKILL');
    killed += 1;
  }, 60);
  expect(await running).toEqual(Array<number>(20).fill(5));
  clearInterval(killer);
  expect(sandbox.quarantine.list('killed')).toEqual([]);
  await vi.waitFor(() => expect(kills).toContain('taken'));
});
