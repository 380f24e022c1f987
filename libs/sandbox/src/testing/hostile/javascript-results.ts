/** Attacks in JavaScript on what is read of a result or of an error, and on the surroundings in which it is read. */
import { attack, type Attack, refusedOrStopped, spoiling, stopped } from './attack.ts';
import { body } from './javascript-body.ts';

const results: readonly Attack[] = [
  attack('a result of 300 KB', 'result', body('return { data: { value: "x".repeat(300_000) } };')),
  attack('a result of 200 MB', [...stopped, 'result'], body('return { data: { value: "x".repeat(2e8) } };')),
  attack('a million rows', ['result', ...stopped], body('return { data: Array(1e6).fill(1) };')),
  attack('ten thousand rows', 'result', body('return { data: { list: Array(1e4).fill(1) } };')),
  attack('ten thousand warnings', 'returned', body('return { data: {}, warnings: Array(1e4).fill("w") };')),
  attack('a name of 100 KB', 'result', body('return { data: { ["n".repeat(1e5)]: 1 } };')),
  attack('a result with a cycle', 'result', body('const data = {}; data.data = data; return { data };')),
  attack(
    'a result nested 100,000 deep',
    ['result', ...stopped],
    body('let a = {}; for (let i = 0; i < 1e5; i += 1) a = { a }; return { data: a };'),
  ),
  attack(
    'a result nested 1,000 deep',
    'result',
    body('let a = {}; for (let i = 0; i < 1e3; i += 1) a = { a }; return { data: a };'),
  ),
  attack(
    'a time nested 3,000 deep',
    'result',
    body('let time = []; for (let i = 0; i < 3e3; i += 1) time = [time]; return { data: {}, time };'),
  ),
  attack('a result that throws when it is read', 'result', body('return { get data() { throw 1; } };')),
  attack(
    'a result that is another one each time',
    'returned',
    body('let n = 0; return { data: { get value() { return (n += 1); } } };'),
  ),
  attack(
    'a proxy that throws',
    'result',
    body('return new Proxy({}, { get() { throw 1; }, ownKeys() { throw 1; } });'),
  ),
  attack('a thenable', 'result', body('return { then(resolve) { resolve({ data: {} }); } };')),
  attack('no result', 'result', body('')),
  attack('a function as result', 'result', body('return attack;')),
  attack('a symbol as result', 'result', body('return Symbol("x");')),
  attack(
    'names of prototypes',
    'returned',
    body(
      'return JSON.parse(\'{"data": {"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}}\');',
    ),
  ),
  attack(
    'warnings that are no text',
    ['returned', 'result'],
    body('return { data: {}, warnings: [{ toString: 1, valueOf: 1 }] };'),
  ),
  attack('errors that are no text', 'result', body('return { data: {}, errors: [{ toString: 1, valueOf: 1 }] };')),
  attack('a forged NaN', ['returned', 'result'], body('return { data: { value: { "\\0": { toString: 1 } } } };')),
  attack('a time that is no number', 'result', body('return { data: { value: 1 }, time: NaN };')),
  attack('a time in the year 9999', 'result', body('return { data: { value: 1 }, time: new Date("9999-01-01") };')),
  attack('a time before 1970', 'result', body('return { data: { value: 1 }, time: -1 };')),
  attack(
    'rows for another device',
    'result',
    body('return { data: { value: 1 }, deviceUid: "other", tenant: "neighbour" };'),
  ),
  attack('a throw of nothing', 'threw', body('throw undefined;')),
  attack(
    'a throw of a proxy',
    'threw',
    body('throw new Proxy({}, { get() { throw 1; }, getPrototypeOf() { throw 1; } });'),
  ),
  attack('a throw whose message throws', 'threw', body('throw { get message() { throw 2; } };')),
  attack(
    'a throw that pretends a limit',
    'threw',
    body('throw new Error("Script execution timed out. memory limit disposed");'),
  ),
  attack(
    'a throw that forges the reply',
    'threw',
    body('throw { message: \'"}],"results":[{"data":{}}],"failures":[{"\', stack: \'"\' };'),
  ),
  attack('a rejection that nobody handles', 'threw', body('Promise.reject(new Error("late")); return { data: {} };')),
  attack('a rejection with nothing', 'threw', body('Promise.reject(null); return { data: {} };')),
  attack(
    'a rejection with a proxy',
    'threw',
    body('Promise.reject(new Proxy({}, { get() { throw 1; }, getPrototypeOf() { throw 1; } })); return { data: {} };'),
  ),
  attack(
    'a rejection with 256 MB',
    refusedOrStopped,
    body('Promise.reject(new Error("x".repeat(2 ** 28))); return { data: {} };'),
  ),
  spoiling('a throw of 256 MB while it loads', ['invalid', ...stopped], 'throw new Error("x".repeat(2 ** 28));'),
  spoiling('a throw of nothing while it loads', 'invalid', 'throw null;'),
  attack(
    'a million lines of log',
    ['returned', 'threw', ...stopped],
    body('for (let i = 0; i < 1e6; i += 1) console.log("x".repeat(100)); return { data: {} };'),
  ),
];

/** They have nobody else's surroundings but their own. */
const surroundings: readonly Attack[] = [
  spoiling(
    'other JSON',
    ['returned', 'result', 'threw'],
    `JSON.stringify = JSON.parse = () => '[]'; ${body('return { data: {} };')}`,
  ),
  spoiling(
    'toJSON of all objects',
    ['returned', 'result'],
    `Object.prototype.toJSON = () => undefined; ${body('return { data: {} };')}`,
  ),
  spoiling(
    'toJSON of all texts',
    ['returned', 'threw'],
    `String.prototype.toJSON = () => '","'; ${body('throw new Error("x");')}`,
  ),
  spoiling(
    'elements of all arrays',
    ['returned', 'result', 'threw'],
    `Object.defineProperty(Array.prototype, '0', { set() { throw 1; } }); ${body('return { data: {} };')}`,
  ),
  spoiling(
    'methods of all texts',
    ['returned', 'threw'],
    `String.prototype.slice = String.prototype.includes = () => { throw 1; }; ${body('throw new Error("x");')}`,
  ),
  spoiling(
    'apply and call',
    ['returned', 'threw'],
    `Function.prototype.call = Function.prototype.apply = () => '['; ${body('return { data: {} };')}`,
  ),
  spoiling(
    'globals of all scripts',
    'returned',
    `globalThis.canary = 'taken'; Array.prototype.map = () => 'taken'; Object.prototype.polluted = 1; ${body('return { data: {} };')}`,
  ),
  spoiling(
    'a frozen world',
    ['returned', 'result', 'threw', 'invalid'],
    `for (const name of Reflect.ownKeys(globalThis)) try { Object.freeze(globalThis[name].prototype); } catch {} Object.freeze(globalThis); ${body('return { data: {} };')}`,
  ),
  spoiling(
    'what other messages share',
    ['returned', 'threw'],
    body('"use strict"; input.variables.file = "other"; return { data: {} };'),
  ),
];

export const javascriptResults: readonly Attack[] = [...results, ...surroundings];
