/** Attacks in JavaScript on time and memory. */
import { attack, type Attack, refusedOrStopped, spoiling, stopped } from './attack.ts';
import { body } from './javascript-body.ts';

const time: readonly Attack[] = [
  attack('an endless loop', 'timeout', body('for (;;);')),
  attack('a loop that catches its end', 'timeout', body('for (;;) try { for (;;); } catch {} finally { for (;;); }')),
  attack('a loop in a getter of the result', 'timeout', body('return { get data() { for (;;); } };')),
  attack('a loop in toJSON', 'timeout', body('return { data: { toJSON() { for (;;); } } };')),
  attack('a loop in the message of an error', 'timeout', body('throw { get message() { for (;;); } };')),
  attack('a loop in a comparator', 'timeout', body('[3, 2, 1].sort(() => { for (;;); });')),
  attack('a loop in a proxy', 'timeout', body('return new Proxy({}, { ownKeys() { for (;;); } });')),
  attack('a regular expression that backtracks', 'timeout', body('return /^(a+)+$/.test("a".repeat(40) + "!");')),
  attack('a quadratic regular expression', 'timeout', body('return /\\s+$/.test(" ".repeat(1e6) + "x");')),
  attack(
    'regular expressions compiled for ever',
    stopped,
    body('for (let i = 0; ; i += 1) new RegExp("(a{1,500}){1,50}" + i).test("a".repeat(99));'),
  ),
  attack('promises for ever', 'timeout', body('const next = () => Promise.resolve().then(next); next(); return {};')),
  attack(
    'an asynchronous loop for ever',
    'timeout',
    body('(async () => { for await (const _ of (async function* () { for (;;) yield 1; })()); })(); return {};'),
  ),
  attack('a promise that never settles', 'result', body('return new Promise(() => undefined);')),
  attack('a giant power', stopped, body('return (2n ** (2n ** 29n) * 3n ** (2n ** 25n)).toString().length;')),
  attack('a giant number as text', stopped, body('return (7n ** 3_000_000n).toString().length;')),
  attack(
    'a sort with a lying comparator',
    stopped,
    body('return Array.from({ length: 3e6 }, (_, i) => i % 7).sort(() => 1).length;'),
  ),
  spoiling('a loop while it loads', 'timeout', 'for (;;);'),
  attack(
    'a loop where its function is looked up',
    'timeout',
    'Object.defineProperty(globalThis, "attack", { get() { for (;;); } });',
  ),
  attack('deep recursion', 'threw', body('return attack(input);')),
  attack('recursion through getters', 'threw', body('const a = { get b() { return this.b; } }; return a.b;')),
  attack('a million parentheses', 'threw', body('return eval("(".repeat(1e6));')),
  attack('a million brackets', refusedOrStopped, body('return JSON.parse("[".repeat(1e6));')),
];

const memory: readonly Attack[] = [
  attack('an array that doubles', stopped, body('let a = [1]; for (;;) a = a.concat(a);')),
  attack('objects for ever', stopped, body('const all = []; for (;;) all.push({ x: [1, 2, 3] });')),
  attack('text that doubles', refusedOrStopped, body('let s = "xx"; for (;;) { s += s; s.charCodeAt(0); }')),
  attack('a map that grows', stopped, body('const map = new Map(); for (let i = 0; ; i += 1) map.set(i, i);')),
  attack('a generator without end in an array', stopped, body('return [...(function* () { for (;;) yield 0; })()];')),
  attack('a giant array from text', stopped, body('return "x".repeat(2 ** 29 - 24).split("").length;')),
  attack('a giant text spread', refusedOrStopped, body('return [..."." .repeat(1e8)].length;')),
  attack('an array of a thousand million', refusedOrStopped, body('return Array(1e9).fill(0).length;')),
  attack('a giant array as text', refusedOrStopped, body('return (new Array(1e9) + "").length;')),
  attack('arrays filled for ever', stopped, body('const all = []; for (;;) all.push(new Array(2 ** 25 - 1).fill(0));')),
  attack('a text that unfolds in JSON', stopped, body('return JSON.parse("[" + "[],".repeat(1e7) + "[]]").length;')),
  attack(
    'a text that unfolds in Unicode',
    refusedOrStopped,
    body('return "\\uFDFA".repeat(2 ** 24).normalize("NFKD").length;'),
  ),
  attack(
    'a replacement that multiplies',
    refusedOrStopped,
    body('return "a".repeat(2 ** 20).replace(/a/g, "$&".repeat(2 ** 10)).length;'),
  ),
  attack('a buffer of 2 GiB', refusedOrStopped, body('return new Uint8Array(2 ** 31).fill(1).length;')),
  attack(
    'filled buffers for ever',
    refusedOrStopped,
    body('const all = []; for (;;) all.push(new Uint8Array(1 << 24).fill(1));'),
  ),
  attack(
    'buffers behind rejected promises',
    refusedOrStopped,
    body('for (;;) { const b = new Uint8Array(1 << 24).fill(1); Promise.reject(b).catch(() => b); }'),
  ),
  attack(
    'buffers that grow when they move',
    refusedOrStopped,
    body('const all = []; for (;;) all.push(new ArrayBuffer(1 << 24).transfer(1 << 25));'),
  ),
  attack('a growing buffer', 'threw', body('new ArrayBuffer(1, { maxByteLength: 2 ** 28 }).resize(2 ** 28);')),
  attack(
    'a hidden growing buffer',
    'threw',
    body('const B = new Uint8Array(1).buffer.constructor; new B(1, { maxByteLength: 9 }).resize(9);'),
  ),
  attack(
    'a class of growing buffers',
    'threw',
    body(
      'class B extends ArrayBuffer { constructor() { super(1, { maxByteLength: 2 ** 28 }); } } new B().resize(2 ** 28);',
    ),
  ),
  attack('shared memory', 'threw', body('return new SharedArrayBuffer(2 ** 30).byteLength;')),
  attack('waiting for ever', 'threw', body('Atomics.wait(new Int32Array(new ArrayBuffer(4)), 0, 0);')),
  attack('memory of WebAssembly', 'threw', body('return new WebAssembly.Memory({ initial: 32768 });')),
  attack(
    'formats of dates for ever',
    stopped,
    body('const all = []; for (;;) all.push(new Intl.DateTimeFormat("de", { timeZone: "Asia/Tokyo" }));'),
  ),
  attack('a thrown text of 256 MB', refusedOrStopped, body('throw new Error("x".repeat(2 ** 28));')),
  attack(
    'symbols of a register that never forgets',
    stopped,
    body('for (let i = 0; ; i += 1) Symbol.for("x".repeat(1000) + i);'),
  ),
];

export const javascriptLimits: readonly Attack[] = [...time, ...memory];
