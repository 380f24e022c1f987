import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeDownlinks } from './encode-downlink.ts';
import { Sandbox } from './sandbox.ts';
import { script } from './testing/outcomes.ts';

const sandbox = new Sandbox();
beforeAll(() => sandbox.start());
afterAll(() => sandbox.close());

const codecs = [
  {
    language: 'javascript',
    source: `function encodeDownlink({ data, fPort, variables }) {
      if (data.mode === 'broken')
        throw new Error('no such mode');
      return { bytes: [data.interval.minutes, data.list[1], variables.offset - 0], fPort: data.port };
    }`,
  },
  {
    language: 'lua',
    source: `function encodeDownlink(input) local data = input.data
      if data.mode == 'broken' then
        error('no such mode') end
      return { bytes = { data.interval.minutes, data.list[2], tonumber(input.variables.offset) }, fPort = data.port }
    end`,
  },
  {
    language: 'python',
    source: `def encodeDownlink(input):
  data = input["data"]
  if data.get("mode") == "broken": raise ValueError("no such mode")
  made = bytes([data["interval"]["minutes"], data["list"][1], int(input["variables"]["offset"])])
  return {"bytes": made, "fPort": data.get("port")}
`,
  },
].map((codec) => ({ ...codec, name: 't/codec@1', tenant: 't' }));

const downlink = (data: object, fPort?: number) => ({ data, fPort, variables: { offset: '7' } });

test.each(codecs)('$language sees the command and the variables of the device; its port goes before', async (codec) => {
  const list = [1, 255];
  const encoded = await encodeDownlinks(sandbox, codec, [
    downlink({ interval: { minutes: 5 }, list }, 3),
    downlink({ interval: { minutes: 6 }, list, port: 9 }, 3),
    downlink({ interval: { minutes: 7 }, list }),
  ]);
  expect(encoded).toEqual([
    { bytes: Uint8Array.of(5, 255, 7), fPort: 3, warnings: [] },
    { bytes: Uint8Array.of(6, 255, 7), fPort: 9, warnings: [] },
    { bytes: Uint8Array.of(7, 255, 7), fPort: undefined, warnings: [] },
  ]);
});

test.each(codecs)('in $language a command that cannot be encoded costs itself, and names the line', async (codec) => {
  const [failed, encoded] = await encodeDownlinks(sandbox, codec, [
    downlink({ mode: 'broken' }),
    downlink({ interval: { minutes: 1 }, list: [0, 0] }),
  ]);
  expect(failed).toMatchObject({ code: 'script_threw', line: 3 });
  expect(failed).toHaveProperty('detail', expect.stringContaining('no such mode'));
  expect(encoded).toMatchObject({ bytes: Uint8Array.of(1, 0, 7) });
});

test('a script that only decodes has no commands', async () => {
  const [failed] = await encodeDownlinks(sandbox, script('const decodeUplink = () => ({ data: {} });'), [downlink({})]);
  expect(failed).toMatchObject({ code: 'script_invalid', detail: 'The script has no function encodeDownlink.' });
});

test('what a script wrote comes with what became of its command', async () => {
  const writing = script('const encodeDownlink = ({ data }) => (console.log(data.mode), { bytes: data.bytes });');
  const commands = [downlink({ mode: 'eco', bytes: [1] }), downlink({ mode: 'turbo', bytes: [256] })];
  expect(await encodeDownlinks(sandbox, writing, commands, { logs: true })).toMatchObject([
    { bytes: Uint8Array.of(1), logs: ['eco'] },
    { code: 'script_result', logs: ['turbo'] },
  ]);
});
