import { globSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import {
  decodeUplinks,
  type ExpectedRow,
  readUplinkResult,
  runSamples,
  type SampleResult,
  Sandbox,
  type Script,
  ScriptFailure,
  type UplinkSample,
} from '@millrace/sandbox';
import { afterAll, beforeAll, expect, test } from 'vitest';

interface Vector {
  readonly description: string;
  readonly fPort: number;
  /** Hexadecimal. */
  readonly bytes: string;
  /** What `decodeUplink` returns. */
  readonly expected: {
    readonly data?: object;
    readonly warnings?: readonly string[];
    readonly errors?: readonly string[];
  };
}

const folders = globSync(`${import.meta.dirname}/*/codec.js`).map(dirname);
const codecs = folders.map((folder) => ({
  name: basename(folder),
  codec: readFileSync(`${folder}/codec.js`, 'utf8'),
  vectors: JSON.parse(readFileSync(`${folder}/vectors.json`, 'utf8')) as readonly Vector[],
}));
const cases = codecs.flatMap(({ name, codec, vectors }) => vectors.map((vector) => ({ name, codec, ...vector })));

const sandbox = new Sandbox();

beforeAll(() => sandbox.start());
afterAll(() => sandbox.close());

const script = (name: string, source: string) => ({ name, tenant: 'examples', language: 'javascript', source });

/** What the tests do not name is as in a configuration folder. */
type Sample = Pick<UplinkSample, 'name' | 'payload' | 'attributes' | 'expected'>;

async function resultsOf(of: Script, all: readonly Sample[]): Promise<readonly SampleResult[]> {
  const usual = { encoding: 'hex', variables: {}, time: null } as const;
  const complete = all.map((sample) => ({ ...usual, ...sample, expected: sample.expected?.map(withTime) ?? null }));
  return (await runSamples(sandbox, of, complete)).results;
}

const withTime = (row: ExpectedRow): ExpectedRow => ({ ...row, time: row.time ?? null });

test('there are codecs of at least four devices', () => {
  expect(codecs.length).toBeGreaterThanOrEqual(4);
});

test.each(cases)('$name: $description', async ({ name, codec, fPort, bytes, expected }) => {
  const inputs = {
    count: 1,
    columns: [
      { name: 'bytes', kind: 'bytes', values: [Buffer.from(bytes, 'hex')] } as const,
      { name: 'fPort', kind: 'number', values: [fPort] } as const,
    ],
  };
  const [outcomes] = await sandbox.call([{ script: script(name, codec), functionName: 'decodeUplink', inputs }]);
  expect(outcomes).toEqual([{ returned: expected }]);
});

test.each(cases)('$name: $description: the platform makes rows of it, or says why not', async (vector) => {
  const { name, codec, fPort, bytes, expected, description } = vector;
  const read = readUplinkResult(expected);
  const [result] = await resultsOf(script(name, codec), [
    {
      name: description,
      payload: bytes,
      attributes: { fPort: String(fPort) },
      expected:
        read instanceof ScriptFailure ? null : read.rows.map((row) => ({ ...row, time: isoTime(row.timeMicros) })),
    },
  ]);
  expect(result).toMatchObject({ passed: true, difference: undefined });
  expect(result!.warnings).toEqual(expected.warnings ?? []);
});

const isoTime = (micros: number | null): string | null =>
  micros === null ? null : new Date(micros / 1_000).toISOString();

const scriptsOfDemo = `${import.meta.dirname}/../demo/config/scripts`;
const samples = globSync(`${scriptsOfDemo}/*.samples.json`).map((file) => ({
  name: basename(file, '.samples.json'),
  source: readFileSync(file.replace('.samples.json', ''), 'utf8'),
  all: JSON.parse(readFileSync(file, 'utf8')) as readonly Sample[],
}));

test.each(samples)('the samples of $name in the demo are right', async ({ name, source, all }) => {
  const results = await resultsOf(script(name, source), all);
  expect(results.map((result) => [result.name, result.difference])).toEqual(
    all.map((sample) => [sample.name, undefined]),
  );
});

test.each(codecs)('$name answers any bytes with data or errors, and never throws', async ({ name, codec }) => {
  const uplinks = Array.from({ length: 300 }, (_, index) => ({
    payload: Buffer.from(Array.from({ length: index % 24 }, (_byte, at) => (index * 37 + at * 101 + index * at) & 255)),
    fPort: [1, 2, 3, 5, 85, 200][index % 6],
    receivedAtMs: 0,
    variables: {},
    attributes: {},
  }));
  const [decoded] = await decodeUplinks(sandbox, [{ script: script(name, codec), uplinks }]);
  const failures = decoded!.filter((outcome) => outcome instanceof ScriptFailure);
  expect(failures.filter(({ code }) => code !== 'script_result')).toEqual([]);
});
