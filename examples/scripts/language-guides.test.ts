/** What the guides say of a language: `docs/scripts/<language>.md`. */
import { Sandbox } from '@millrace/sandbox';
import { afterAll, beforeAll, expect, test } from 'vitest';

const sandbox = new Sandbox();
beforeAll(() => sandbox.start());
afterAll(() => sandbox.close());

const programs: Readonly<Record<string, (expression: string) => string>> = {
  javascript: (expression) => `function decodeUplink(input) { return { x: ${expression} }; }`,
  lua: (expression) => `function decodeUplink(input) return { x = ${expression} } end`,
  python: (expression) => `def decodeUplink(input):\n  return {"x": ${expression}}\n`,
};

async function valueOf(language: string, expression: string): Promise<unknown> {
  const script = { name: 't/s@1', tenant: 't', language, source: programs[language]!(expression) };
  const columns = [
    { name: 'bytes', kind: 'bytes', values: [Uint8Array.of(1, 2, 200)] },
    { name: 'variables', kind: 'shared', values: [{ ratio: '50' }] },
  ] as const;
  const [[outcome] = []] = await sandbox.call([
    { script, functionName: 'decodeUplink', inputs: { count: 1, columns } },
  ]);
  return outcome && 'returned' in outcome ? (outcome.returned as { readonly x?: unknown }).x : outcome?.code;
}

const missing = expect.stringMatching(/^script_(invalid|threw)$/);

test.each<[language: string, expression: string, value: unknown]>([
  ['javascript', 'new Date(0)', '1970-01-01T00:00:00.000Z'],
  ['javascript', 'undefined', undefined],
  ['javascript', 'new Map([[1, 2]])', {}],
  ['javascript', '[...new Set([1, 2])]', [1, 2]],
  ['javascript', 'Promise.resolve(1)', {}],
  ['javascript', '2n ** 64n', '18446744073709551616'],
  ['javascript', '0xff << 24', -16777216],
  ['javascript', '(0xff << 24) >>> 0', 4278190080],
  ['javascript', '(input.variables.ratio = 1, input.variables.ratio)', '50'],
  ['javascript', 'typeof setTimeout + typeof process + typeof fetch', 'undefinedundefinedundefined'],
  ['javascript', 'typeof WebAssembly + typeof SharedArrayBuffer + typeof Atomics', 'undefinedundefinedundefined'],
  ['javascript', 'import("x")', missing],
  ['lua', '_VERSION', 'Lua 5.4'],
  ['lua', '#input.bytes + input.bytes[1]', 4],
  ['lua', 'tostring(io) .. tostring(os) .. tostring(debug) .. tostring(require)', 'nilnilnilnil'],
  ['lua', 'tostring(dofile) .. tostring(loadfile) .. tostring(collectgarbage)', 'nilnilnil'],
  ['lua', '{ 1, nil, 3 }', { '1': 1, '3': 3 }],
  ['lua', '0 / 0', { '\0': 'NaN' }],
  ['lua', '(1 << 62) // 1', '4611686018427387904'],
  ['lua', '6 & 3 == 2', true],
  ['lua', 'input.variables.ratio | 0', missing],
  ['lua', 'tonumber(input.variables.ratio) | 0', 50],
  ['python', '__import__("sys").implementation[0]', 'micropython'],
  ['python', 'type(input["bytes"]).__name__', 'bytes'],
  ['python', '__import__("struct").unpack(">e", bytes([60, 0]))', [1]],
  ['python', 'int.from_bytes(b"\\xff\\xfe", "big", signed=True)', -2],
  ['python', '{"a": 1} | {"b": 2}', { a: 1, b: 2 }],
  ['python', 'bytes(reversed(input["bytes"])).hex()', 'c80201'],
  ['python', '"".join(chr(byte) for byte in input["bytes"])', '\u0001\u0002È'],
  ['python', '["%04d" % 7, "{:<4}".format("a")]', ['0007', 'a   ']],
  ['python', 'isinstance(1, int)', true],
  ['python', 'type(1) is int', false],
  ['python', '[(1, 2), {3}]', [[1, 2], [3]]],
  ['python', '2 ** 64', '18446744073709551616'],
  ['python', '{**{}, **{}}', missing],
  ['python', '[*[], *[]]', missing],
  ['python', 'input["bytes"][::-1]', missing],
  ['python', '"1".zfill(4) + "1".ljust(4)', missing],
  ['python', '"1".rjust(4)', missing],
  ['python', '"ab".title()', missing],
  ['python', '"ab".removeprefix("a")', missing],
  ['python', '(5).bit_length()', missing],
  ['python', '(1.0).is_integer()', missing],
  ['python', '__import__("datetime").datetime.strptime("2026", "%Y")', missing],
  ['python', '__import__("re").findall("a", "aa")', missing],
  ['python', '__import__("re").match("a{2}", "aa").group(0)', missing],
  ['python', '__import__("re").match("(?P<x>a)", "a").group("x")', missing],
  ['python', 'bytes([228]).decode("latin1")', missing],
  ...['enum', 'dataclasses', 'typing', 'decimal', 'fractions', 'statistics', 'textwrap'].map(
    (name): [string, string, unknown] => ['python', `__import__("${name}")`, missing],
  ),
])('%s: %s', async (language, expression, value) => {
  expect(await valueOf(language, expression)).toEqual(value);
});
