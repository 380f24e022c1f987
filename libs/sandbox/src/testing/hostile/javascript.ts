/** Attacks in JavaScript; those here are on the walls. */
import { attack, attackByte, type Attack, type Corpus, refusedOrStopped, spoiling } from './attack.ts';
import { body } from './javascript-body.ts';
import { javascriptLimits } from './javascript-limits.ts';
import { javascriptResults } from './javascript-results.ts';

const walls: readonly Attack[] = [
  attack(
    'the constructor of everything in sight',
    'returned',
    body(`
      const seen = [globalThis, input, input.bytes, input.recvTime, input.variables, input.attributes, attack, Symbol()];
      for (const value of seen) {
        const host = value.constructor.constructor('return typeof process === "object" ? process : undefined')();
        if (host) return { data: { secret: host.env.MILLRACE_CANARY } };
      }
      return { data: {} };`),
  ),
  attack(
    'constructors of other kinds of functions',
    'threw',
    body(`
      const kinds = [async () => 0, function* () {}, async function* () {}];
      const made = kinds.map(({ constructor }) => Reflect.construct(constructor, ['return process.env.MILLRACE_CANARY']));
      return { data: { secret: [...made[1]()].join() + made[1]().next().value } };`),
  ),
  attack('process', 'threw', body('return { data: { secret: process.env.MILLRACE_CANARY } };')),
  attack(
    'process, written otherwise',
    'threw',
    body('with (globalThis) return { data: { secret: \\u0070rocess.env } };'),
  ),
  attack('require', 'threw', body('require("node:fs").writeFileSync(input.variables.file, "taken");')),
  attack('the binding of process', 'threw', body('return process.binding("fs") || process.mainModule.require("fs");')),
  attack(
    'an imported module',
    'threw',
    body('import("node:fs").then((fs) => fs.writeFileSync(input.variables.file, "taken")); return { data: {} };'),
  ),
  attack(
    'an imported text',
    'returned',
    body('import("data:text/javascript,process.exit()").catch(() => 0); return { data: {} };'),
  ),
  attack('a request', 'threw', body('fetch(input.variables.url); return { data: {} };')),
  attack('other ways to the network', 'threw', body('new XMLHttpRequest(); new WebSocket(input.variables.url);')),
  attack('a timer that outlives its call', 'threw', body('setTimeout(() => { for (;;); }, 0); return { data: {} };')),
  attack('a worker', 'threw', body('new Worker("data:text/javascript,for(;;);"); return { data: {} };')),
  attack('a clock of high resolution', 'threw', body('return { data: { now: performance.now() } };')),
  attack(
    'the names of all globals',
    'returned',
    body(`
      const host = Object.getOwnPropertyNames(globalThis).filter((name) => /ivm|isolate|reference|process|require|^_/i.test(name));
      return { data: { host: host.join() } };`),
  ),
  attack('its caller', 'threw', body('return { data: { caller: String(attack.caller.caller.caller) } };')),
  attack(
    'the frames of a stack',
    'returned',
    body(`
      Error.prepareStackTrace = (_error, frames) => frames;
      for (const frame of new Error().stack) {
        const reached = [frame.getThis(), frame.getFunction()].filter((one) => one && one !== globalThis);
        for (const one of reached) {
          const host = one.constructor.constructor('return typeof process === "object" ? process : undefined')();
          if (host) return { data: { secret: host.env.MILLRACE_CANARY } };
        }
      }
      return { data: { files: new Error().stack.map((frame) => frame.getFileName()).join() } };`),
  ),
  attack(
    'a stack without a name',
    'returned',
    body(`
      const error = new Error();
      error.name = Symbol();
      let caught;
      try { error.stack; (() => { const a = {}; a.a = a; JSON.stringify(a); })(); } catch (thrown) { caught = thrown; }
      const host = caught.constructor.constructor('return typeof process === "object" ? process : undefined')();
      return { data: { secret: String(host) } };`),
  ),
  attack(
    'an overflow inside what the platform calls',
    refusedOrStopped,
    body(`
      const descend = () => { try { return descend(); } catch (thrown) { return thrown.constructor.constructor('return process')(); } };
      return { data: { secret: descend().env.MILLRACE_CANARY } };`),
  ),
  attack(
    'causes and aggregates of errors',
    'threw',
    body(`
      const error = new AggregateError([new Error('a', { cause: new Error('b') })]);
      return { data: { secret: error.errors[0].cause.constructor.constructor('return process.env')() } };`),
  ),
  attack(
    'a promise of another species',
    ['returned', 'result', 'threw'],
    body(`
      const P = async function () {}.constructor;
      Promise.prototype.constructor = { [Symbol.species]: function (run) { run((value) => { globalThis.taken = value; }, () => 0); } };
      (async () => 1)().then(() => 1);
      return { data: { kind: typeof P } };`),
  ),
  attack('the secret of its neighbour', 'returned', body('return { data: { secret: String(globalThis.canary) } };')),
  spoiling('a file that ends a wrapper', 'invalid', '});\nglobalThis.escaped = 1;\n(function () {'),
  attack('a spoofed name of its file', 'threw', body('return eval("throw new Error(1)\\n//# sourceURL=/etc/passwd");')),
  attack(
    'an inspector of what is logged',
    'threw',
    body(`
      throw Object.assign(new Error('x'), { [Symbol.for('nodejs.util.inspect.custom')]: () => globalThis.process.exit(1) });`),
  ),
];

export const javascript: Corpus = {
  language: 'javascript',
  attacks: [...javascriptLimits, ...walls, ...javascriptResults],
  scriptOf: (source) => `${source}
var decodeUplink = (input) => (input.bytes[0] === ${attackByte} ? attack(input) : { data: { value: input.bytes[0] } });`,
  neighbour: `globalThis.canary = 'a secret of the neighbour';
function decodeUplink({ bytes }) {
  const intact = canary === 'a secret of the neighbour' && [1].map((x) => x + 1)[0] === 2 && Reflect.ownKeys(Object.prototype).length === 12;
  return { data: { value: bytes[0], intact } };
}`,
};
