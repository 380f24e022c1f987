import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, extname } from 'node:path';
import { scriptSamples } from '@millrace/config';
import { decodeUplinks, type Downlink, encodeDownlinks, runSamples, Sandbox, type Script } from '@millrace/sandbox';
import { afterAll, beforeAll, expect, test } from 'vitest';

const languages: Readonly<Record<string, string>> = { '.js': 'javascript', '.lua': 'lua', '.py': 'python' };
const exampleNames = [
  'ascii-frames',
  'bcd',
  'bit-fields',
  'cbor',
  'endianness',
  'gateway',
  'ieee-floats',
  'modbus-registers',
  'several-rows',
  'signed',
];

interface DownlinkSample extends Pick<Downlink, 'data'> {
  readonly name: string;
  readonly expected: { readonly bytes: string; readonly fPort: number } | null;
}

const codecs = globSync(`${import.meta.dirname}/*/codec.{js,lua,py}`).map((file) => {
  const language = languages[extname(file)]!;
  const folder = dirname(file);
  const example = basename(folder);
  const script: Script = { name: example, tenant: 'examples', language, source: readFileSync(file, 'utf8') };
  return { example, language, folder, script };
});
const downlinksOf = (folder: string) => `${folder}/downlinks.json`;
const encoders = codecs.filter(({ folder }) => globSync(downlinksOf(folder)).length > 0);

const sandbox = new Sandbox();
beforeAll(() => sandbox.start());
afterAll(() => sandbox.close());

test('there are ten examples, each in every language', () => {
  const found = codecs.map(({ example, language }) => `${example} ${language}`);
  const wanted = exampleNames.flatMap((example) =>
    Object.values(languages).map((language) => `${example} ${language}`),
  );
  expect(found.toSorted()).toEqual(wanted.toSorted());
});

test.each(codecs)('$example in $language makes of every sample what it should', async ({ script, folder }) => {
  const samples = scriptSamples.parse(jsonIn(`${folder}/samples.json`));
  const { results } = await runSamples(sandbox, script, samples);
  const differences = results.map(({ name, difference }) => ({ name, difference }));
  expect(differences).toEqual(samples.map(({ name }) => ({ name, difference: undefined })));
});

test.each(encoders)('$example in $language makes of every command what it should', async ({ script, folder }) => {
  const samples = jsonIn(downlinksOf(folder)) as readonly DownlinkSample[];
  const downlinks = samples.map(({ data }) => ({ data, fPort: undefined, variables: {} }));
  const outcomes = await encodeDownlinks(sandbox, script, downlinks);
  const made = outcomes.map((outcome, index) => ({
    name: samples[index]!.name,
    expected: 'bytes' in outcome ? { bytes: Buffer.from(outcome.bytes).toString('hex'), fPort: outcome.fPort } : null,
  }));
  expect(made).toEqual(samples.map(({ name, expected }) => ({ name, expected })));
});

test.each(codecs)('$example in $language answers any bytes, and never takes too long', async ({ script }) => {
  const uplinks = Array.from({ length: 100 }, (_, index) => ({
    payload: Buffer.from(Array.from({ length: index % 30 }, (_byte, at) => (index * 37 + at * 101 + index * at) & 255)),
    fPort: undefined,
    receivedAtMs: 0,
    variables: { desired: {}, reported: {} },
    attributes: {},
  }));
  const [outcomes = []] = await decodeUplinks(sandbox, [{ script, uplinks }]);
  expect(outcomes.filter((outcome) => 'code' in outcome && !/^script_(result|threw)$/.test(outcome.code))).toEqual([]);
});

function jsonIn(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}
