/** `scripts test` as a person calls it, on folders laid out as vendors do and as ours are. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Outcome, runMillrace } from './testing/run-millrace.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-test-'));
const codec = `function decodeUplink(input) {
  if (input.bytes.length < 2) throw new Error('short');
  if (input.fPort !== 2) return { errors: ['unknown FPort'] };
  return { data: { temperature: (input.bytes[0] << 8 | input.bytes[1]) / 100 } };
}
function encodeDownlink(input) { return { bytes: [input.data.minutes], fPort: 3 }; }
function decodeDownlink(input) { return { data: { minutes: input.bytes[0] } }; }
`;

const files: Readonly<Record<string, string>> = {
  'profiles/vendors/acme/vendor.toml': '[vendor]\nname = "Acme"\n',
  'profiles/vendors/acme/codecs/room.js': codec,
  'profiles/vendors/acme/codecs/test_decode_room.json': `[
  { "name": "warm", "input": { "fPort": 2, "bytes": [8, 152] }, "expected": { "data": { "temperature": 22.0 } } }
]`,
  'profiles/vendors/acme/codecs/test_encode_room.json': `[
  // as JavaScript has it
  { name: 'ten minutes', input: { data: { minutes: 0x0a, }, }, expected: { bytes: [0x0a], fPort: 3 } },
]`,
  'profiles/vendors/acme/codecs/untested.js': codec,
  'profiles/vendors/acme/codecs/test_decode_untested.json': '[]',
  'devices/vendor/acme/room.yaml': 'name: Room\nfirmwareVersions:\n  - version: "1"\n    codec: room-codec\n',
  'devices/vendor/acme/room-codec.yaml': `
uplinkDecoder:
  fileName: room.js
  examples:
    - description: Warm
      input: { fPort: 2, bytes: [0x08, 0x98] }
      output:
        data: { temperature: 22 }
      normalizedOutput:
        data: [{ air: { temperature: 22 } }]
    - description: Unknown port
      input: { fPort: 42, bytes: [0x08, 0x98] }
      output: { errors: [unknown FPort] }
downlinkEncoder:
  fileName: room.js
  examples:
    - { description: Interval, input: { data: { minutes: 10 } }, output: { bytes: [10], fPort: 3 } }
downlinkDecoder:
  fileName: room.js
  examples:
    - { description: Interval back, input: { fPort: 3, bytes: [10] }, output: { data: { minutes: 10 } } }
`,
  'devices/vendor/acme/room.js': codec,
  'own/room/codec.js': codec,
  'own/room/codec.lua': 'function decodeUplink(input)\n  return {data = {temperature = input.bytes[1]}}\nend\n',
  'own/room/samples.json': JSON.stringify([
    { name: 'warm', payload: '0898', attributes: { fPort: '2' }, expected: [{ name: 'temperature', value: 22 }] },
  ]),
  'own/room/other.js': codec,
  'own/room/other.js.samples.json': JSON.stringify([{ name: 'short', payload: '08', expected: null }]),
  'wrong/codecs/room.js': codec,
  'wrong/codecs/test_decode_room.json': JSON.stringify([
    {
      name: 'another value',
      input: { fPort: 2, bytes: [8, 152] },
      expected: { data: { temperature: 21, humidity: 4 } },
    },
    { name: 'too short', input: { fPort: 2, bytes: [8] }, expected: { data: {} } },
    { name: 'no bytes', input: { fPort: 2, bytes: [256] }, expected: { data: {} } },
  ]),
  'wrong/codecs/test_encode_room.json': '[{ "name": "no end"',
  'wrong/missing.yaml':
    'uplinkDecoder:\n  fileName: gone.js\n  examples:\n    - { input: { bytes: [] }, output: {} }\n',
  'wrong/unstored.js': 'function decodeUplink() { return { data: [1], extra: 1 }; }',
  'wrong/test_decode_unstored.json': '[{ "input": { "bytes": [1] }, "expected": { "data": [1], "extra": 1 } }]',
  'empty/readme.txt': 'nothing to run',
};

beforeAll(() => {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = (...words: readonly string[]): Promise<Outcome> => runMillrace(['scripts', 'test', ...words], { folder });

test.each([
  ['chirpstack-device-profiles', 'profiles', '1 codec, 2 vectors: 2 passed\n'],
  ['lorawan-devices', 'devices', '1 codec, 4 vectors: 4 passed\n'],
])('the layout of %s is read as it is', async (_name, dir, stdout) => {
  expect(await run(dir)).toMatchObject({ code: 0, stdout });
});

test('samples of ours are those of a script, or of all scripts of a folder', async () => {
  const { code, stdout } = await run('own');
  expect(stdout.split('\n')).toEqual([
    '✗ room/codec.lua warm decodeUplink',
    '    temperature is 8, expected 22.',
    '3 codecs, 3 vectors: 2 passed, 1 failed in 1 codec',
    '',
  ]);
  expect(code).toBe(1);
});

test('of each failure it is said what differs, or why there is nothing to compare', async () => {
  const { code, stdout } = await run('wrong');
  expect(code).toBe(1);
  expect(stdout.split('\n')).toEqual([
    '✗ unstored.js number 1 decodeUplink',
    '    The result has the unknown member extra. script_result',
    '✗ gone.js vectors',
    '    missing.yaml names gone.js, which is not there. unreadable',
    '✗ codecs/room.js another value decodeUplink',
    '    data.temperature is 22, expected 21.',
    '    data.humidity is missing, expected 4.',
    '✗ codecs/room.js:2 too short decodeUplink',
    '    short script_threw',
    '✗ codecs/room.js no bytes decodeUplink',
    '    input.bytes is no array of bytes. unreadable',
    '✗ codecs/room.js vectors',
    expect.stringContaining('test_encode_room.json is neither JSON nor a JavaScript literal'),
    '3 codecs, 6 vectors: 0 passed, 6 failed in 3 codecs',
    '',
  ]);
});

test('for programs there is one JSON per vector', async () => {
  const { stdout } = await run('profiles', '--json');
  const results = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  const passed = { codec: expect.stringMatching(/room\.js$/), passed: true, failure: null, differences: [] };
  expect(results).toEqual([
    { ...passed, vector: 'warm', function: 'decodeUplink' },
    { ...passed, vector: 'ten minutes', function: 'encodeDownlink' },
  ]);
});

test.each([
  ['a folder without vectors', 'empty', 'empty has no codec with vectors'],
  ['no folder', 'nowhere', 'nowhere cannot be read'],
])('%s is an error', async (_name, dir, sentence) => {
  const { code, stderr } = await run(dir);
  expect(code).toBe(1);
  expect(stderr).toContain(sentence);
});
