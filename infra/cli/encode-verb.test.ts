/** `scripts encode` as a person calls it: no api, no stack, a file and a command. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Outcome, runMillrace } from './testing/run-millrace.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-encode-'));
const codec = `function encodeDownlink(input)
  print("mode", input.data.mode)
  if input.data.mode == "turbo" then
    error("no such mode")
  end
  return { bytes = { 1, input.data.minutes or 0 }, fPort = input.data.port, warnings = {} }
end
`;

beforeAll(() => writeFileSync(join(folder, 'valve.lua'), codec));
afterAll(() => rmSync(folder, { recursive: true }));

const encode = (...words: readonly string[]): Promise<Outcome> =>
  runMillrace(['scripts', 'encode', ...words], { folder });

test('bytes, the port, what was printed and the line of an error are shown', async () => {
  const { code, stdout } = await encode('valve.lua', '{"minutes": 60}', '{"mode": "turbo"}', '--port', '2');
  expect(code).toBe(1);
  expect(stdout.replaceAll('\t', '  ').split('\n').slice(0, -1)).toEqual([
    '• {"minutes": 60}',
    '    013c  fPort 2',
    '    log  mode  nil',
    '',
    '✗ {"mode": "turbo"}',
    '    no such mode  script_threw',
    '      2 │   print("mode", input.data.mode)',
    '      3 │   if input.data.mode == "turbo" then',
    '    > 4 │     error("no such mode")',
    '      5 │   end',
    '      6 │   return { bytes = { 1, input.data.minutes or 0 }, fPort = input.data.port, warnings = {} }',
    '    log  mode  turbo',
    '',
  ]);
});

test('programs get JSON', async () => {
  const { code, stdout } = await encode('valve.lua', '{"port": 9}', '--json');
  expect([code, JSON.parse(stdout)]).toEqual([
    0,
    {
      results: [{ command: '{"port": 9}', bytes: '0100', fPort: 9, warnings: [], logs: ['mode\tnil'], failure: null }],
    },
  ]);
});

test('what is no command is told in a sentence', async () => {
  const { code, stdout, stderr } = await encode('valve.lua', '{mode: 1}');
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(`A command is a JSON object such as '{"mode": "off"}', not {mode: 1}.`);
});
