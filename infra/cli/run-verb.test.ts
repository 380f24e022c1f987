/** `scripts run` as a person calls it: no api, no stack, a file and a message. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Outcome, runMillrace } from './testing/run-millrace.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-run-'));
const codec = `function decodeUplink({ bytes, fPort, recvTime }) {
\tif (bytes.length < 2) {
\t\tthrow new Error('The frame is too short.');
\t}
\tconsole.log('port', fPort, recvTime.toISOString());
\treturn { data: { temperature: bytes[0] / 10, unit: { name: 'C' } }, warnings: ['battery low'] };
}
`;
const samples = [
  {
    name: 'warm',
    payload: '0a00',
    expected: [
      { name: 'temperature', value: 1 },
      { name: 'unit.name', value: 'C' },
    ],
  },
  {
    name: 'cold',
    payload: '0b00',
    expected: [
      { name: 'temperature', value: 1 },
      { name: 'unit.name', value: 'C' },
    ],
  },
  { name: 'short', payload: '0b', expected: null },
];

beforeAll(() => {
  writeFileSync(join(folder, 'codec.js'), codec);
  writeFileSync(join(folder, 'alone.lua'), 'function decodeUplink(input)\n  return {data = {n = #input.bytes}}\nend\n');
  writeFileSync(join(folder, 'codec.js.samples.json'), JSON.stringify(samples));
  writeFileSync(join(folder, 'frame.bin'), Buffer.from([30, 0]));
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = (words: readonly string[], input?: Uint8Array): Promise<Outcome> =>
  runMillrace(['scripts', 'run', ...words], { folder, ...(input && { input }) });

test('rows, warnings, logs and the line of an error are shown, and what it cost', async () => {
  const time = ['--time', '2026-03-01T13:00:00+01:00'];
  const { code, stdout } = await run(['codec.js', '--sample', '0x0A 00', '--sample', '0b', '--port', '2', ...time]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/\n2 samples: 1 failed · \d+\.\d ms CPU · \d+\.\d MB heap\n$/);
  expect(stdout.split('\n').slice(0, -2)).toEqual([
    '• 0x0A 00',
    '    name         value',
    '    temperature  1',
    '    unit.name    "C"',
    '    warning  battery low',
    '    log  port 2 2026-03-01T12:00:00.000Z',
    '',
    '✗ 0b',
    '    The frame is too short.  script_threw',
    '      1 │ function decodeUplink({ bytes, fPort, recvTime }) {',
    '      2 │   if (bytes.length < 2) {',
    "    > 3 │     throw new Error('The frame is too short.');",
    '      4 │   }',
    "      5 │   console.log('port', fPort, recvTime.toISOString());",
    '',
  ]);
});

test('without a message the samples beside the file are run and compared', async () => {
  const { code, stdout } = await run(['codec.js']);
  expect(code).toBe(1);
  expect(stdout).toContain('✓ warm\n');
  expect(stdout).toContain('✗ cold\n    temperature is 1.1, expected 1.\n');
  expect(stdout).toContain('✓ short\n    The frame is too short.  script_threw\n\n');
  expect(stdout).toMatch(/\n3 samples: 2 as expected, 1 failed · /);
});

test('a payload is hexadecimal, base64, text, a file, the input, or one of a file of samples', async () => {
  const rowsOf = async (words: readonly string[], input?: Uint8Array): Promise<unknown> => {
    const { code, stdout } = await run([...words, '--json'], input);
    const report = JSON.parse(stdout) as {
      readonly results: readonly { readonly rows: readonly [{ value: unknown }] }[];
    };
    return [code, ...report.results.map(({ rows }) => rows[0].value)];
  };
  expect(await rowsOf(['codec.js', '--sample', '01:00', '--sample=@frame.bin'])).toEqual([0, 0.1, 3]);
  expect(await rowsOf(['alone.lua', '--sample', 'aGVsbG8=', '--base64'])).toEqual([0, 5]);
  expect(await rowsOf(['alone.lua', '--sample', 'hello', '--text', '--sample', '@-'], Buffer.from('abc'))).toEqual([
    0, 5, 3,
  ]);
  writeFileSync(join(folder, 'unnamed.json'), JSON.stringify([{ payload: '0102' }, { payload: '' }]));
  expect(await rowsOf(['alone.lua', '--sample', 'unnamed.json'])).toEqual([0, 2, 0]);
});

test.each([
  [
    'no message',
    ['alone.lua'],
    /Give a payload, for example --sample 0a1b2c, or samples in alone\.lua\.samples\.json\./,
  ],
  ['half a byte', ['codec.js', '--sample', '0a1'], /0a1 is not hexadecimal/],
  ['no script', ['frame.bin', '--sample', '00'], /A script is a file with the ending \.js, \.lua, \.py\./],
  ['a file that is not there', ['gone.js', '--sample', '00'], /gone\.js cannot be read/],
  ['samples that are none', ['codec.js', '--sample', 'frame.json'], /frame\.json: 0: payload: is not of its encoding/],
  ['no time', ['codec.js', '--sample', '00', '--time', 'noon'], /--time needs a time such as/],
])('%s is told in a sentence', async (_, words, sentence) => {
  writeFileSync(join(folder, 'frame.json'), JSON.stringify([{ payload: 'xx' }]));
  const { code, stdout, stderr } = await run(words);
  expect([code === 0, stdout]).toEqual([false, '']);
  expect(stderr).toMatch(sentence);
});
