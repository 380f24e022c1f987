import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, extname } from 'node:path';
import { decodeUplinks, type Downlink, encodeDownlinks, type FlatRow, Sandbox, type Script } from '@millrace/sandbox';
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

/** As they are stored with a script; what is not there is as usual. */
interface Sample {
  readonly name: string;
  readonly payload: string;
  readonly encoding?: 'text';
  readonly attributes?: Readonly<Record<string, string>>;
  readonly variables?: Readonly<Record<string, string>>;
  readonly expected: readonly ExpectedRow[] | null;
}

interface ExpectedRow {
  readonly name: string;
  readonly value: unknown;
  readonly time?: string;
  readonly quality?: number;
  readonly identificationCode?: string;
}

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
  const samples = JSON.parse(readFileSync(`${folder}/samples.json`, 'utf8')) as readonly Sample[];
  const [outcomes = []] = await decodeUplinks(sandbox, [{ script, uplinks: samples.map(uplinkOf) }]);
  const made = outcomes.map((outcome, index) => {
    const rows = 'rows' in outcome ? sorted(outcome.rows.map((row) => rowOf(row, outcome.timeMicros))) : null;
    return { name: samples[index]!.name, rows };
  });
  expect(made).toEqual(samples.map(({ name, expected }) => ({ name, rows: expected && sorted(expected) })));
  expect(outcomes.filter((outcome) => 'code' in outcome && !/^script_(result|threw)$/.test(outcome.code))).toEqual([]);
});

test.each(encoders)('$example in $language makes of every command what it should', async ({ script, folder }) => {
  const samples = JSON.parse(readFileSync(downlinksOf(folder), 'utf8')) as readonly DownlinkSample[];
  const downlinks = samples.map(({ data }) => ({ data, fPort: undefined, variables: {} }));
  const outcomes = await encodeDownlinks(sandbox, script, downlinks);
  const made = outcomes.map((outcome, index) => ({
    name: samples[index]!.name,
    expected: 'bytes' in outcome ? { bytes: Buffer.from(outcome.bytes).toString('hex'), fPort: outcome.fPort } : null,
  }));
  expect(made).toEqual(samples.map(({ name, expected }) => ({ name, expected })));
});

test.each(codecs)('$example in $language answers any bytes, and never takes too long', async ({ script }) => {
  const uplinks = Array.from({ length: 100 }, (_, index) =>
    uplinkOf({
      name: '',
      payload: Buffer.from(
        Array.from({ length: index % 30 }, (_byte, at) => (index * 37 + at * 101 + index * at) & 255),
      ).toString('hex'),
      expected: null,
    }),
  );
  const [outcomes = []] = await decodeUplinks(sandbox, [{ script, uplinks }]);
  expect(outcomes.filter((outcome) => 'code' in outcome && !/^script_(result|threw)$/.test(outcome.code))).toEqual([]);
});

function uplinkOf({ payload, encoding, attributes = {}, variables = {} }: Sample) {
  const fPort = attributes['fPort'] === undefined ? undefined : Number(attributes['fPort']);
  return {
    payload: Buffer.from(payload, encoding === 'text' ? 'utf8' : 'hex'),
    fPort,
    receivedAtMs: 0,
    variables: { desired: {}, reported: {}, ...variables },
    attributes,
  };
}

function rowOf({ name, value, timeMicros, quality, identificationCode }: FlatRow, messageMicros: number | null) {
  const micros = timeMicros ?? messageMicros;
  return {
    name,
    value,
    ...(micros !== null && { time: new Date(micros / 1_000).toISOString().replace('.000Z', 'Z') }),
    ...(identificationCode !== null && { identificationCode }),
    ...(quality !== 0 && { quality }),
  };
}

/** Tables of Lua and dicts of MicroPython have no order. */
function sorted(rows: readonly ExpectedRow[]): readonly ExpectedRow[] {
  return rows.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}
