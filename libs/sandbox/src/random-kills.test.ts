/** Processes of a sandbox that somebody kills while they work: nothing may be lost, given twice, or out of order. */
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import type { CallOutcome } from './executor.ts';
import { languages } from './languages/registry.ts';
import { Sandbox } from './sandbox.ts';
import type { Script } from './script.ts';

/** Gives the number that the message has in its two bytes. */
const sources: Readonly<Record<string, string>> = {
  javascript: 'const decodeUplink = ({ bytes }) => bytes[0] * 256 + bytes[1];',
  lua: 'function decodeUplink(input) return input.bytes[1] * 256 + input.bytes[2] end',
  python: 'def decodeUplink(input):\n  return input["bytes"][0] * 256 + input["bytes"][1]',
};

/** Two for each language, each of a tenant of its own. */
const devices: readonly Script[] = [...languages.keys(), ...languages.keys()].map((language, index) => ({
  name: `tenant${index}/counter@1`,
  tenant: `tenant${index}`,
  language,
  source: sources[language]!,
}));

/** It is not about time: a busy machine may take all it needs. */
const patient = { callMs: 10_000, loadMs: 10_000, graceMs: 10_000 };
const batchMessages = 20;
/** Calls between two kills: so many that no message is at work in three of them. */
const pause = fc.integer({ min: 2 * devices.length, max: 6 * devices.length });
const kill = fc.record({ pause, whom: fc.nat() });
const kills = fc.sample(fc.array(kill, { minLength: 10, maxLength: 10 }), { numRuns: 1, seed: 5 })[0]!;

test('processes killed at random under load cost no message, give none twice, and keep the order of each device', async () => {
  const onQuarantine = vi.fn();
  const onKill = vi.fn();
  const sandbox = new Sandbox({ processes: 2, limits: patient, onKill, onQuarantine });
  await sandbox.start();
  const results = devices.map((): unknown[] => []);
  let calls = 0;
  let isOver = false;

  async function load(script: Script, into: unknown[]): Promise<void> {
    while (!isOver) {
      const numbers = Array.from({ length: batchMessages }, (_, index) => into.length + index);
      const values = numbers.map((number) => Uint8Array.of(number >> 8, number));
      const inputs = { count: values.length, columns: [{ name: 'bytes', kind: 'bytes', values } as const] };
      const [outcomes = []] = await sandbox.call([{ script, functionName: 'decodeUplink', inputs }]);
      into.push(...outcomes.map((outcome: CallOutcome) => ('returned' in outcome ? outcome.returned : outcome)));
      calls += 1;
    }
  }

  const loads = devices.map((script, index) => load(script, results[index]!));
  for (const { pause: callsMin, whom } of kills) {
    const before = calls;
    await vi.waitFor(() => expect(calls).toBeGreaterThan(before + callsMin), { timeout: 15_000, interval: 1 });
    const { pids } = sandbox;
    if (pids.length > 0) process.kill(pids[whom % pids.length]!, 'SIGKILL');
  }
  isOver = true;
  await Promise.all(loads);
  await sandbox.close();
  for (const [index, result] of results.entries()) expect(result, `device ${index}`).toEqual([...result.keys()]);
  expect(onKill).toHaveBeenCalled();
  expect(onQuarantine).not.toHaveBeenCalled();
}, 60_000);
