import { expect, test } from 'vitest';
import { Sandbox } from '../sandbox.ts';
import { script } from '../testing/outcomes.ts';
import { testLanguage } from './language.suite.ts';

const decoder = (...lines: readonly string[]): string =>
  ['def decodeUplink(input):', '  data = input["bytes"]', ...lines.map((line) => `  ${line}`), ''].join('\n');
const first = 'return {"data": {"first": data[0]}}';

testLanguage({
  language: 'python',
  echo: decoder(
    'variables = input["variables"]',
    'data = {"sum": sum(data), "port": input["fPort"], "seconds": input["recvTime"],',
    '  "name": variables["name"], "wanted": variables["desired"]["mode"]}',
    'return {"data": data}',
  ),
  throws: decoder('if data[0] == 1: raise ValueError("bad frame")', first),
  wrongSyntax: 'a = 1\nb = = 1\n',
  throwsAtTop: '\nraise ValueError("at the top")\n',
  loops: decoder('while data[0] == 1: pass', first),
  loopsAtTop: 'while True: pass\n',
  hoards: decoder('kept = []', 'while data[0] == 1: kept.append(bytes(65536))', first),
  recurses: 'def decodeUplink(input):\n  return decodeUplink(input)\n',
  values: decoder(
    'values = {"nan": float("nan"), "infinite": -float("inf"), "big": 1 << 60, "text": "é€😀", "list": [1, 2, 3]}',
    'values["nested"] = {"a": {"b": True}}',
    'return {"data": values}',
  ),
  prints: decoder('print("first", data[0])', 'return {"data": {}}'),
  returnsFunction: decoder('return len'),
  empty: 'a = 1\n',
  mean: 'def evaluate(input):\n  t = input["inputs"]["t"]\n  return sum([point["value"] for point in t]) / len(t)\n',
  remembers:
    'last = 0\ndef decodeUplink(input):\n  global last\n  seen = last\n  last += 1\n  return {"data": {"seen": seen}}\n',
});

test('a result that is made plain prints its lines once, and bytes in it are an error that says what to do', async () => {
  const sandbox = new Sandbox();
  await sandbox.start();
  const run = async (value: string): Promise<unknown> => {
    const source = decoder('print("once")', `return {"data": {"x": ${value}}}`);
    const inputs = { count: 1, columns: [{ name: 'bytes', kind: 'bytes', values: [Uint8Array.of(1)] }] } as const;
    const [outcomes = []] = await sandbox.call([
      { script: script(source, 'python'), functionName: 'decodeUplink', inputs, logs: true },
    ]);
    return outcomes[0];
  };
  expect(await run('1 << 60')).toEqual({ returned: { data: { x: '1152921504606846976' } }, logs: ['once'] });
  expect(await run('bytearray(b"AB")')).toMatchObject({ returned: { data: { x: [65, 66] } } });
  expect(await run('bytes([255, 65])')).toMatchObject({
    code: 'script_result',
    detail: expect.stringContaining('give list(them), them.hex() or them.decode()'),
  });
  await sandbox.close();
});
