/** Scripts that attack: each must end in a typed error within its time, while the next good message gets its answer. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Sandbox } from './sandbox.ts';
import { outcomes, script } from './testing/outcomes.ts';

const sandbox = new Sandbox({ limits: { callMs: 100, graceMs: 150 } });
const good = script('function decodeUplink({ bytes }) { return { data: { value: bytes[0] } }; }');

beforeAll(() => sandbox.start());
afterAll(() => sandbox.close());

const body = (text: string): string => `function decodeUplink() { ${text} }`;
const stopped = /^script_(timeout|memory|killed|threw)$/;

test.each<[string, string, RegExp]>([
  ['an endless loop', body('for (;;);'), /timeout/],
  ['a loop that catches everything', body('for (;;) try { for (;;); } catch {} finally { for (;;); }'), /timeout/],
  ['a regular expression that backtracks', body('return /^(a+)+$/.test("a".repeat(40) + "b");'), /timeout/],
  ['promises for ever', body('const next = () => Promise.resolve().then(next); next(); return {};'), /timeout/],
  ['deep recursion', body('return decodeUplink();'), /threw/],
  ['a giant big integer', body('return (2n ** (2n ** 29n) * 3n ** (2n ** 25n)).toString().length;'), stopped],
  ['a giant array from text', body('return "x".repeat(2 ** 29 - 24).split("").length;'), stopped],
  ['an array that doubles', body('let a = [1]; for (;;) a = a.concat(a);'), stopped],
  ['objects for ever', body('const all = []; for (;;) all.push({ x: [1, 2, 3] });'), stopped],
  ['text that doubles', body('let s = "xx"; for (;;) { s += s; s.charCodeAt(0); }'), stopped],
  ['filled buffers for ever', body('const all = []; for (;;) all.push(new Uint8Array(1 << 24).fill(1));'), stopped],
  ['a map that grows', body('const map = new Map(); for (let i = 0; ; i += 1) map.set(i, i);'), stopped],
  ['a growing buffer', body('new ArrayBuffer(1, { maxByteLength: 2 ** 28 }).resize(2 ** 28);'), /threw/],
  [
    'a hidden growing buffer',
    body('const B = new Uint8Array(1).buffer.constructor; new B(1, { maxByteLength: 9 }).resize(9);'),
    /threw/,
  ],
  ['waiting for ever', body('Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);'), /threw/],
  ['memory of WebAssembly', body('return new WebAssembly.Memory({ initial: 32768 });'), /threw/],
  ['a result of 300 KB', body('return "x".repeat(300_000);'), /result/],
  ['a result with a cycle', body('const a = {}; a.a = a; return a;'), /result/],
  ['a result nested 100,000 deep', body('let a = {}; for (let i = 0; i < 1e5; i += 1) a = { a }; return a;'), /result/],
  ['a result that throws when it is read', body('return { get data() { throw 1; } };'), /result/],
  ['a throw whose message throws', body('throw { get message() { throw 2; } };'), /threw/],
  ['a throw of nothing', body('throw undefined;'), /threw/],
  ['no result', body(''), /result/],
])(
  '%s is stopped',
  async (_name, source, code) => {
    expect(await outcomes(sandbox, script(source), [0])).toEqual([
      expect.objectContaining({ code: expect.stringMatching(code) }),
    ]);
    expect(await outcomes(sandbox, good, [7])).toEqual([{ data: { value: 7 } }]);
  },
  15_000,
);

test.each([
  ['JSON', 'JSON.stringify = JSON.parse = () => "[]";'],
  ['toJSON of all objects', 'Object.prototype.toJSON = () => undefined;'],
  ['elements of all arrays', 'Object.defineProperty(Array.prototype, "0", { set() { throw 1; } });'],
  ['String methods', 'String.prototype.slice = String.prototype.includes = () => { throw 1; };'],
  ['apply and call', 'Function.prototype.call = Function.prototype.apply = () => "[";'],
])('a script that redefines %s hurts only itself', async (_name, attack) => {
  const results = await outcomes(
    sandbox,
    script(`${attack} function decodeUplink() { return { data: {} }; }`),
    [0],
    [1],
  );
  expect(results).toHaveLength(2);
  expect(await outcomes(sandbox, good, [7])).toEqual([{ data: { value: 7 } }]);
});

test.each([
  'this.constructor.constructor("return process")()',
  'process',
  'require("node:fs")',
  'globalThis.fetch("http://127.0.0.1")',
  '(async () => {}).constructor("return process")().x.y',
  'Reflect.construct(Function, ["return process"])()',
  'decodeUplink.caller.constructor',
  'setTimeout(() => 1)',
  'new Worker("")',
  'ivm',
])('%s reaches nothing', async (expression) => {
  const results = await outcomes(sandbox, script(body(`return { data: { seen: String(${expression}) } };`)), [0]);
  expect(results).toEqual([expect.objectContaining({ code: 'script_threw' })]);
});

test('a rejected promise that nobody handles costs its own message', async () => {
  const late = script(
    'function decodeUplink({ bytes }) { if (bytes[0] === 1) Promise.reject(new Error("late")); return 0; }',
  );
  const failure = { code: 'script_threw', detail: 'late', line: 1 };
  expect(await outcomes(sandbox, late, [0], [1], [0])).toEqual([0, failure, 0]);
});

test('a module cannot be imported', async () => {
  const importing = script(
    'let seen = "nothing"; import("node:fs").then(() => (seen = "fs"), () => 0); const decodeUplink = () => seen;',
  );
  expect(await outcomes(sandbox, importing, [0], [1])).toEqual(['nothing', 'nothing']);
});

test('a stack names no file of the host', async () => {
  const [stack] = await outcomes(sandbox, script(body('return new Error("x").stack;')), [0]);
  expect(String(stack)).not.toMatch(/node_modules|\.ts|child|\/src\//);
});

test('scripts do not see each other', async () => {
  const first = script('globalThis.secret = 1; Array.prototype.map = () => "mine"; const decodeUplink = () => 1;');
  const second = script('const decodeUplink = () => [typeof secret, [1].map((x) => x + 1)];');
  expect(await outcomes(sandbox, first, [0])).toEqual([1]);
  expect(await outcomes(sandbox, second, [0])).toEqual([['undefined', [2]]]);
});
