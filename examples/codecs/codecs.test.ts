import { globSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { decodeUplinks, readUplinkResult, Sandbox, ScriptFailure } from '@millrace/sandbox';
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

/** As they are stored with a script. */
interface Sample {
  readonly name: string;
  readonly payload: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly expected: readonly { readonly name: string; readonly value: unknown }[] | null;
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
  const { name, codec, fPort, bytes, expected } = vector;
  const payload = Buffer.from(bytes, 'hex');
  const uplinks = [{ payload, fPort, receivedAtMs: 0, variables: {}, attributes: {} }];
  const [decoded] = await decodeUplinks(sandbox, [{ script: script(name, codec), uplinks }]);
  expect(decoded).toEqual([readUplinkResult(expected)]);
  expect(decoded![0] instanceof ScriptFailure).toBe(expected.errors !== undefined);
});

const scriptsOfDemo = `${import.meta.dirname}/../demo/config/scripts`;
const samples = globSync(`${scriptsOfDemo}/*.samples.json`).flatMap((file) => {
  const of = file.replace('.samples.json', '');
  const all = JSON.parse(readFileSync(file, 'utf8')) as readonly Sample[];
  return all.map((sample) => ({ ...sample, script: basename(of), source: readFileSync(of, 'utf8') }));
});

test.each(samples)('the sample "$name" of $script in the demo is right', async (sample) => {
  const { source, payload, attributes, expected } = sample;
  const uplink = { payload: Buffer.from(payload, 'hex'), fPort: Number(attributes['fPort']), receivedAtMs: 0 };
  const [[decoded] = []] = await decodeUplinks(sandbox, [
    { script: script(sample.script, source), uplinks: [{ ...uplink, variables: {}, attributes }] },
  ]);
  const rows = decoded && 'rows' in decoded ? decoded.rows.map(({ name, value }) => ({ name, value })) : null;
  expect(rows).toEqual(expected);
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
