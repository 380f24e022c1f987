import type { Body, ResourceWrite } from '@millrace/control';
import { systemClock } from '@millrace/kernel';
import { afterAll, beforeEach, expect, test } from 'vitest';
import type { ScriptGate } from './script-gate.ts';
import { ScriptPublishing } from './script-publishing.ts';
import { ScriptRunner } from './script-runner.ts';

const runner = new ScriptRunner(systemClock);
afterAll(() => runner.close());

let told: object[];
let publishing: ScriptPublishing;
beforeEach(() => {
  told = [];
  const events = { scriptPublishedAnyway: (fields: object) => void told.push(fields) };
  publishing = new ScriptPublishing({ runner, events, clock: systemClock });
});

const firstByte = 'const decodeUplink = ({ bytes }) => ({ data: { first: bytes[0] } });';
const looping = 'const decodeUplink = () => { for (;;); };';

/** `samples`: the first byte and what `first` is expected to be. */
function script(source: string, samples: Readonly<Record<string, number>> = {}, id = 'pump'): ResourceWrite {
  const body = {
    scriptId: id,
    version: 1,
    language: 'javascript',
    source,
    samples: Object.entries(samples).map(([payload, value]) => ({
      name: `byte ${payload}`,
      payload,
      encoding: 'hex',
      attributes: {},
      variables: {},
      time: null,
      expected: [{ name: 'first', value, time: null }],
    })),
  };
  return { id, body: body as unknown as Body, before: undefined };
}

/** What was written, or why it was not. */
const publish = (writes: readonly ResourceWrite[], override?: string) =>
  publishing.publish('acme', override, (gate) => written(gate, writes));

function written(gate: ScriptGate, writes: readonly ResourceWrite[]): Promise<readonly (string | null)[]> {
  gate.require(writes);
  return Promise.resolve(writes.map((write) => gate.reasonFor(write)));
}

test('a script whose samples pass is written, and no reason is kept', async () => {
  expect(await publish([script(firstByte, { '07': 7 }), script(firstByte, {}, 'other')])).toEqual([null, null]);
  expect(await publish([script(firstByte, { '07': 7 })], 'not needed')).toEqual([null]);
  expect(told).toEqual([]);
});

test('one whose samples fail is refused with each of them, unless there is a reason', async () => {
  const wrong = script(firstByte, { '07': 7, '08': 9, '09': 8 });
  await expect(publish([wrong])).rejects.toMatchObject({
    code: 'samples_failed',
    status: 422,
    message: expect.stringMatching(/^Script pump: byte 08: first is 8, expected 9\. .+ give a reason as override\.$/),
    errors: [
      { field: 'samples.1', code: 'different', detail: 'byte 08: first is 8, expected 9.' },
      { field: 'samples.2', code: 'different', detail: 'byte 09: first is 9, expected 8.' },
    ],
  });
  expect(await publish([wrong], 'the vendor is wrong')).toEqual(['the vendor is wrong']);
  expect(told).toEqual([{ tenant: 'acme', script: 'pump', reason: 'the vendor is wrong' }]);
});

test.each([
  ['does not load', 'let a;\nlet b = ;', 'script_invalid', "Line 2: Unexpected token ';'"],
  [
    'does nothing',
    'const a = 1;',
    'script_invalid',
    'The script has no function decodeUplink, evaluate or encodeDownlink.',
  ],
  ['never ends', 'for (;;);', 'script_timeout', expect.any(String)],
])('without samples, one that %s is refused', async (_, source, code, detail) => {
  const errors = [{ field: 'source', code, detail }];
  await expect(publish([script(source)])).rejects.toMatchObject({ code: 'samples_failed', errors });
});

test('of several, each that fails is named with its samples', async () => {
  const writes = [script(firstByte), script(firstByte, { '01': 2 }, 'one'), script('null.x', { '01': 1 }, 'two')];
  await expect(publish(writes)).rejects.toMatchObject({
    errors: [
      { field: 'scripts.one.samples.0', code: 'different' },
      { field: 'scripts.two.source', code: 'script_invalid' },
    ],
  });
});

test('neither is tried again what has not changed, nor what was tried already', async () => {
  const { id, body } = script(firstByte, { '08': 9 });
  const before = {
    tenant: 'acme',
    id,
    body: { ...body, version: 2 },
    revision: 1n,
    createdAt: new Date(),
    updatedAt: new Date(),
  };
  expect(await publish([{ id, body, before } as ResourceWrite])).toEqual([null]);
  let attempts = 0;
  const tried = publishing.publish('acme', undefined, (gate) => {
    attempts += 1;
    return written(gate, [script(firstByte, { '07': 7 })]);
  });
  expect([await tried, attempts]).toEqual([[null], 2]);
});

test('what somebody else changed while it was tried is tried again, and not for ever', async () => {
  let changes = 0;
  const changing = (gate: ScriptGate) => written(gate, [script(`${firstByte} // ${(changes += 1)}`)]);
  await expect(publishing.publish('acme', undefined, changing)).rejects.toMatchObject({ code: 'conflict' });
});

test('scripts that break every limit hold nobody up for long, and a script that was mended is not blamed', async () => {
  const samples = Object.fromEntries(Array.from({ length: 32 }, (_, n) => [n.toString(16).padStart(2, '0'), n]));
  const startedMs = performance.now();
  await expect(publish([script(looping, samples)])).rejects.toMatchObject({ code: 'samples_failed' });
  expect(performance.now() - startedMs).toBeLessThan(8_000);
  expect(await publish([script(firstByte, samples)])).toEqual([null]);
});

test('a tenant whose scripts break every limit waits for itself; others do not', async () => {
  const ended: string[] = [];
  const attacks = Array.from({ length: 4 }, (_, n) =>
    publish([script(looping, { '01': n, '02': n })]).catch(() => void ended.push('attack')),
  );
  const others = Array.from({ length: 4 }, () =>
    publishing
      .publish('other', undefined, (gate) => written(gate, [script(firstByte)]))
      .then(() => ended.push('other')),
  );
  await Promise.all([...attacks, ...others]);
  expect(ended.slice(-2)).toEqual(['attack', 'attack']);
});

test('one tenant takes some places, and there are more for others', async () => {
  const places = Array.from({ length: 17 }, () => publish([script(firstByte)]));
  const ended = await Promise.allSettled(places);
  expect(ended.map(({ status }) => status)).toEqual([...Array(16).fill('fulfilled'), 'rejected']);
  expect(ended[16]).toMatchObject({ reason: { code: 'overloaded' } });
  expect(await publish([script(firstByte)])).toEqual([null]);
});
