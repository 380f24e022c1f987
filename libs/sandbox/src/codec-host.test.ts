/** Scripts that were written for other hosts run as they are. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Sandbox } from './sandbox.ts';
import { script } from './testing/outcomes.ts';

const sandbox = new Sandbox();

beforeAll(() => sandbox.start());
afterAll(() => sandbox.close());

const payload = [0x0a, 0x41, 0xc8];
const variables = { offset: '5' };

async function calledTimes(count: number, source: string, functionName = 'decodeUplink'): Promise<readonly unknown[]> {
  const all = <T>(value: T): readonly T[] => Array.from({ length: count }, () => value);
  const columns = [
    { name: 'bytes', kind: 'bytes', values: all(Uint8Array.from(payload)) },
    { name: 'fPort', kind: 'number', values: all(2) },
    { name: 'variables', kind: 'shared', values: all(variables) },
    { name: 'data', kind: 'shared', values: all({ on: 'yes' }) },
  ] as const;
  const [outcomes = []] = await sandbox.call([{ script: script(source), functionName, inputs: { count, columns } }]);
  return outcomes.map((outcome) => ('returned' in outcome ? outcome.returned : outcome));
}

async function called(source: string, functionName?: string): Promise<unknown> {
  const [outcome] = await calledTimes(1, source, functionName);
  return outcome;
}

test.each([
  ['a function', 'function decodeUplink(input) { return { data: { port: input.fPort } }; }'],
  ['a constant', 'const decodeUplink = ({ fPort }) => ({ data: { port: fPort } });'],
  ['The Things Network v2', 'function Decoder(bytes, port) { return { port: port }; }'],
  ['ChirpStack v3', 'function Decode(fPort, bytes, variables) { return { port: fPort }; }'],
  ['a strict script', '"use strict"; var Decoder = function (bytes, port) { return { port: port }; };'],
  [
    'all of them at once, decodeUplink first',
    `
    function Decode() { return 'old'; }
    function Decoder() { return 'older'; }
    function decodeUplink(input) { return { data: { port: input.fPort } }; }`,
  ],
  ['module.exports', 'module.exports = { decodeUplink: (input) => ({ data: { port: input.fPort } }) };'],
  ['exports', 'exports.decodeUplink = (input) => ({ data: { port: input.fPort } });'],
  ['exports of an older function', 'exports.Decoder = (bytes, port) => ({ port });'],
  [
    'the driver of the LoRa Alliance',
    `
    exports.driver = (() => ({ portOf: (input) => input.fPort, decodeUplink(input) { return { data: { port: this.portOf(input) } }; } }))();`,
  ],
  [
    'a universal module',
    `
    (function (root, factory) {
      if (typeof module === 'object' && module.exports) module.exports = factory();
      else root.codec = factory();
    })(this, function () { return { decodeUplink: function (input) { return { data: { port: input.fPort } }; } }; });`,
  ],
  [
    'a script with its own tests at the end',
    `
    function decodeUplink(input) { return { data: { port: input.fPort } }; }
    if (typeof require !== 'undefined' && require.main === module) throw new Error('tests ran');
    if (typeof process !== 'undefined') throw new Error('no');`,
  ],
])('%s is decoded', async (_name, source) => {
  expect(await called(source)).toEqual({ data: { port: 2 } });
});

test('older functions get the bytes as an array, and the variables of the device', async () => {
  const bytes = 'Array.isArray(bytes) && bytes.slice(1)';
  expect(await called(`function Decoder(bytes, port) { return [${bytes}, arguments.length]; }`)).toEqual({
    data: [[0x41, 0xc8], 2],
  });
  expect(
    await called(`function Decode(fPort, bytes, variables) { return [${bytes}, variables.offset, arguments.length]; }`),
  ).toEqual({ data: [[0x41, 0xc8], '5', 3] });
});

test.each([
  ['The Things Network v2', 'function Encoder(object, port) { return [port, object.on.length]; }'],
  ['ChirpStack v3', 'function Encode(fPort, object, variables) { return [fPort, object.on.length]; }'],
])('an encoder of %s makes a downlink', async (_name, source) => {
  expect(await called(source, 'encodeDownlink')).toEqual({ fPort: 2, bytes: [2, 3] });
});

test('what an older function throws is the error of the message, with its line', async () => {
  const failure = { code: 'script_threw', detail: 'bad', line: 2 };
  expect(await called('function Decoder() {\n throw new Error("bad"); }')).toEqual(failure);
});

test.each([
  ['Buffer', 'Buffer.from(bytes).readFloatBE === undefined ? 0 : Buffer.from(bytes).readUInt16BE(1)', 0x41c8],
  ['require of buffer', 'require("buffer").Buffer.from(bytes).toString("hex")', '0a41c8'],
  ['TextDecoder', 'new TextDecoder().decode(Uint8Array.from(bytes.slice(0, 2)))', '\nA'],
  ['TextEncoder', 'new TextEncoder().encode("é").length', 2],
  ['atob and btoa', 'atob(btoa("hello"))', 'hello'],
  ['console', '(console.log("x", bytes), console.error({}), console.table([1]), "quiet")', 'quiet'],
])('%s is there', async (_name, expression, data) => {
  expect(await called(`function Decoder(bytes) { return ${expression}; }`)).toEqual({ data });
});

test.each([
  'function Buffer(size) { this.size = size; }',
  'var Buffer = function (size) { this.size = size; };',
  'const Buffer = class { constructor(size) { this.size = size; } };',
  'Buffer = function (size) { this.size = size; };',
])('a script with a Buffer of its own uses that: %s', async (own) => {
  expect(await called(`${own} function Decoder() { return new Buffer(3).size; }`)).toEqual({ data: 3 });
});

test.each([
  ['atob', 'function atob(text) { return text + "!"; }', 'atob("a")', 'a!'],
  ['console', 'var console = { log: function () { return 1; } };', 'console.log()', 1],
  ['module and exports', 'let module = 1; const exports = 2; var require = 3;', 'module + exports + require', 6],
])('a script may declare %s itself', async (_name, own, expression, data) => {
  expect(await called(`${own} function Decoder() { return ${expression}; }`)).toEqual({ data });
});

test('what cannot be required is named', async () => {
  expect(await called('const fs = require("fs");')).toMatchObject({
    code: 'script_invalid',
    detail: "Cannot find module 'fs': a script is one file.",
    line: 1,
  });
});

test.each([
  ['a variable', 'var pointer = 0; function Decoder(bytes) { pointer += 1; return bytes[pointer]; }'],
  ['a lexical one', 'let at = 0; const decodeUplink = ({ bytes }) => ({ data: bytes[(at += 1)] });'],
  [
    'an object',
    'var all = { seen: [] }; function Decode(port, bytes) { all.seen.push(0x41); return all.seen.reduce(function (sum, one) { return sum + one; }); }',
  ],
  [
    'a closure',
    'var Decoder = (function () { var at = 0; return function (bytes) { at += 1; return bytes[at]; }; })();',
  ],
  ['a strict one', '"use strict"; let at = 0; function Decoder(bytes) { return bytes[(at += 1)]; }'],
  ['a module', 'let at = 0; module.exports = { decodeUplink: ({ bytes }) => ({ data: bytes[(at += 1)] }) };'],
  ['one without a last line end', 'var at = 0; function Decoder(bytes) { return bytes[(at += 1)]; } // the end'],
])('a message sees %s of the script as at its start, whatever the message before left in it', async (_name, source) => {
  expect(await calledTimes(3, source)).toEqual([{ data: 0x41 }, { data: 0x41 }, { data: 0x41 }]);
});

test('a script that cannot be run twice keeps its variables', async () => {
  const source = `
    Object.defineProperty(Array.prototype, 'last', { value: function () { return this[this.length - 1]; } });
    var calls = 0;
    function Decoder(bytes) { calls += 1; return [bytes.last(), calls]; }`;
  expect(await calledTimes(2, source)).toEqual([{ data: [0xc8, 1] }, { data: [0xc8, 2] }]);
});
