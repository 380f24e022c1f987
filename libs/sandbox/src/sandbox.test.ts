import fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { ScriptFailure } from './failure.ts';
import type { InputColumn } from './input-batch.ts';
import { Sandbox } from './sandbox.ts';
import { outcomes, script } from './testing/outcomes.ts';

const sandbox = new Sandbox({ limits: { isolatesMax: 3 } });

beforeAll(() => sandbox.start());
afterAll(() => sandbox.close());

const echo = script('const decodeUplink = (input) => input;');
const sum = script('function decodeUplink({ bytes }) { return bytes.reduce((sum, byte) => sum + byte, 0); }');

test('a function is called once per input, and results come in the order of the inputs', async () => {
  expect(await outcomes(sandbox, sum, [1, 2], [], [255, 255])).toEqual([3, 0, 510]);
});

test('a script sees every input as it was given', async () => {
  const flatObject = fc.dictionary(fc.string(), fc.string());
  const input = fc.record({
    bytes: fc.uint8Array(),
    number: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }), { nil: undefined }),
    time: fc.date({ noInvalidDate: true }),
    shared: flatObject,
  });
  const batches = fc.array(input, { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(batches, async (batch) => {
      const columns: InputColumn[] = [
        { name: 'bytes', kind: 'bytes', values: batch.map(({ bytes }) => bytes) },
        { name: 'number', kind: 'number', values: batch.map(({ number }) => number) },
        { name: 'time', kind: 'time', values: batch.map(({ time }) => time.getTime()) },
        { name: 'shared', kind: 'shared', values: batch.map(({ shared }) => shared) },
      ];
      const inputs = { count: batch.length, columns };
      const [results] = await sandbox.call([{ script: echo, functionName: 'decodeUplink', inputs }]);
      const expected = batch.map(({ bytes, ...rest }) => ({
        returned: JSON.parse(JSON.stringify({ bytes: [...bytes], ...rest })),
      }));
      expect(results).toEqual(expected);
    }),
    { numRuns: 30 },
  );
});

test('shared objects are frozen', async () => {
  const mutating = script(
    'function decodeUplink({ shared }) { shared.a = shared.in.b = "changed"; return [shared.a, shared.in.b]; }',
  );
  const shared = { a: 'kept', in: { b: 'kept' } };
  const inputs = { count: 2, columns: [{ name: 'shared', kind: 'shared', values: [shared, shared] }] } as const;
  const [results] = await sandbox.call([{ script: mutating, functionName: 'decodeUplink', inputs }]);
  expect(results).toEqual([{ returned: ['kept', 'kept'] }, { returned: ['kept', 'kept'] }]);
});

test('several scripts in one call each get their own results', async () => {
  const inputs = (byte: number) => ({
    count: 1,
    columns: [{ name: 'bytes', kind: 'bytes', values: [Uint8Array.of(byte)] } as const],
  });
  const results = await sandbox.call([
    { script: sum, functionName: 'decodeUplink', inputs: inputs(1) },
    { script: echo, functionName: 'decodeUplink', inputs: inputs(2) },
  ]);
  expect(results).toEqual([[{ returned: 1 }], [{ returned: { bytes: [2] } }]]);
});

test('a script that was evicted is loaded again', async () => {
  const scripts = Array.from({ length: 5 }, (_, index) => script(`const decodeUplink = () => ${index};`));
  for (let round = 0; round < 2; round += 1)
    for (const [index, one] of scripts.entries()) expect(await outcomes(sandbox, one, [0])).toEqual([index]);
});

test('the isolate that was unused for longest is evicted', async () => {
  const counting = () => script('const decodeUplink = () => (globalThis.calls = (globalThis.calls ?? 0) + 1);');
  const [first, second, third, fourth] = [counting(), counting(), counting(), counting()];
  for (const one of [first, second, third, first, fourth]) await outcomes(sandbox, one, [0]);
  expect([await outcomes(sandbox, first, [0]), await outcomes(sandbox, second, [0])]).toEqual([[3], [1]]);
});

test('NaN and infinities are told from null, big integers become numbers or text', async () => {
  const odd = script(
    'const decodeUplink = () => ({ a: NaN, b: [-Infinity, null], c: 10n, d: 2n ** 64n, e: [1n, NaN] });',
  );
  const expected = {
    a: { '\0': 'NaN' },
    b: [{ '\0': '-Infinity' }, null],
    c: 10,
    d: '18446744073709551616',
    e: [1, { '\0': 'NaN' }],
  };
  expect(await outcomes(sandbox, odd, [0])).toEqual([expected]);
});

test('what a script throws names its line, and costs its own message', async () => {
  const throwing = script(
    'function decodeUplink({ bytes }) {\n  if (bytes[0] === 1)\n    throw new Error("bad frame");\n  return 0;\n}',
  );
  const failure = { code: 'script_threw', detail: 'bad frame', line: 3 };
  expect(await outcomes(sandbox, throwing, [0], [1], [0])).toEqual([0, failure, 0]);
});

test.each([
  ['a syntax error', 'let a;\nlet b = ;', { code: 'script_invalid', detail: "Unexpected token ';'", line: 2 }],
  ['an error at its top level', '\n\nnull.x;', { code: 'script_invalid', line: 3 }],
  ['no such function', 'var a;', { code: 'script_invalid', detail: 'The script has no function decodeUplink.' }],
  ['a loop at its top level', 'for (;;);', { code: 'script_timeout' }],
  [
    'too long a source',
    ' '.repeat(256 * 1024 + 1),
    { code: 'script_invalid', detail: 'The script is longer than 262144 bytes.' },
  ],
])('%s fails every message', async (_name, source, failure) => {
  const results = await outcomes(sandbox, script(source), [0], [1]);
  expect(results).toEqual([expect.objectContaining(failure), expect.objectContaining(failure)]);
});

test('an unknown language fails every message', async () => {
  const failure = { code: 'script_invalid', detail: 'There is no script language cobol.' };
  expect(await outcomes(sandbox, { ...sum, language: 'cobol' }, [0])).toEqual([expect.objectContaining(failure)]);
});

test('a message that loops costs itself, the rest of its batch is run again', async () => {
  const looping = script('function decodeUplink({ bytes }) { while (bytes[0] === 1); return bytes[0]; }');
  const failure = expect.objectContaining({ code: 'script_timeout' });
  expect(await outcomes(sandbox, looping, [0], [1], [2])).toEqual([0, failure, 2]);
});

test('a script that always loops stops being run after three messages', async () => {
  const startedMs = performance.now();
  const results = await outcomes(sandbox, script('function decodeUplink() { for (;;); }'), ...Array(500).fill([0]));
  expect(results.map((result) => (result as ScriptFailure).code)).toEqual([
    ...Array<string>(3).fill('script_timeout'),
    ...Array<string>(497).fill('script_quarantined'),
  ]);
  expect(performance.now() - startedMs).toBeLessThan(25_000);
}, 30_000);

test('a process that somebody else kills costs nothing', async () => {
  const slow = script('function decodeUplink() { const end = Date.now() + 40; while (Date.now() < end); return 1; }');
  const running = outcomes(sandbox, slow, [0]);
  process.kill(sandbox.pids[0]!, 'SIGKILL');
  expect(await running).toEqual([1]);
});

test('Ctrl-C in a terminal leaves the process to its parent', async () => {
  await outcomes(sandbox, sum, [1]);
  const [before = 0] = sandbox.pids;
  process.kill(before, 'SIGINT');
  process.kill(before, 'SIGTERM');
  expect(await outcomes(sandbox, sum, [1], [2])).toEqual([1, 2]);
  expect(sandbox.pids[0]).toBe(before);
});

test('a process that is frozen is replaced, and nobody is blamed', async () => {
  await vi.waitFor(() => expect(sandbox.pids[0]).toBeDefined());
  await outcomes(sandbox, sum, [1]);
  const [frozen = 0] = sandbox.pids;
  process.kill(frozen, 'SIGSTOP');
  expect(await outcomes(sandbox, sum, [1])).toEqual([1]);
  expect(sandbox.pids[0]).not.toBe(frozen);
});

test('the signal ends a call', async () => {
  const inputs = { count: 0, columns: [] };
  const calls = [{ script: sum, functionName: 'decodeUplink', inputs: { ...inputs, count: 1 } }];
  await expect(sandbox.call(calls, AbortSignal.abort(new Error('stopping')))).rejects.toThrow('stopping');
});

test('after close calls are refused, also while its processes end, and no script is blamed for it', async () => {
  const blamed = vi.fn();
  const closed = new Sandbox({ onKill: blamed });
  await closed.start();
  const closing = closed.close();
  await expect(outcomes(closed, sum, [1])).rejects.toMatchObject({ code: 'not_ready' });
  await closing;
  await expect(outcomes(closed, sum, [1])).rejects.toMatchObject({ code: 'not_ready' });
  expect(blamed).not.toHaveBeenCalled();
});
