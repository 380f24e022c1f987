import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadFailureOf } from './load-failure.ts';
import { reportOf } from './run-report.ts';
import type { UplinkSample } from './sample.ts';
import { runSamples, type SampleResult } from './sample-run.ts';
import { Sandbox } from './sandbox.ts';
import { script } from './testing/outcomes.ts';

const sandbox = new Sandbox();
beforeAll(() => sandbox.start());
afterAll(() => sandbox.close());

const sample = (payload: string, more: Partial<UplinkSample> = {}): UplinkSample => ({
  name: payload,
  payload,
  encoding: 'hex',
  attributes: {},
  variables: {},
  time: null,
  ...more,
});
const row = (name: string, value: number | string | boolean | null, time: string | null = null) => ({
  name,
  value,
  time,
});

const run = async (source: string, ...samples: readonly UplinkSample[]): Promise<readonly SampleResult[]> =>
  (await runSamples(sandbox, script(source), samples)).results;
const returning = (result: string): string => `const decodeUplink = () => (${result});`;
const difference = async (result: string, expected: UplinkSample['expected']): Promise<string | undefined> =>
  (await run(returning(result), sample('', { expected })))[0]!.difference;

const codec = `function decodeUplink({ bytes, fPort, recvTime, variables, attributes }) {
  if (bytes[0] === 255)
    throw new Error('bad frame');
  if (bytes[0] === 254) return { errors: ['not mine'] };
  return { data: { t: bytes[0] / 10, port: fPort, sent: recvTime.toISOString(), offset: variables.offset, wanted: variables.desired.mode },
    warnings: attributes.rssi ? ['weak'] : [] };
}`;

test('a sample is what the script gets in the stream, and what comes of it is told', async () => {
  const [result] = await run(
    codec,
    sample('Fg==', {
      encoding: 'base64',
      attributes: { fPort: '2', rssi: '-120' },
      variables: { offset: '1', desired: { mode: 'eco' } },
      time: '2026-03-01T12:00:00.5+01:00',
      expected: [
        row('wanted', 'eco'),
        row('t', 2.2),
        row('port', 2),
        row('sent', '2026-03-01T11:00:00.500Z'),
        row('offset', '1'),
      ],
    }),
  );
  expect(result).toMatchObject({ passed: true, failure: undefined, difference: undefined, warnings: ['weak'] });
  expect(result!.rows).toHaveLength(5);
});

test('a message that is refused as expected passes, one that makes rows does not', async () => {
  const refused = { expected: null };
  const results = await run(codec, sample('ff', refused), sample('fe', refused), sample('01', refused));
  expect(results.map(({ passed, difference: what }) => [passed, what])).toEqual([
    [true, undefined],
    [true, undefined],
    [false, 'The script was expected to refuse it, and made 2 rows.'],
  ]);
});

test.each(['for (;;);', 'null.x;', 'const decodeUplink = () => { for (;;); };'])(
  '%s refuses nothing: it cannot be run',
  async (source) => {
    const [result] = await run(source, sample('', { expected: null }));
    expect(result).toMatchObject({ passed: false, rows: [] });
    expect(result!.difference).toContain(result!.failure!.detail);
  },
);

test('a sample that fails costs itself, and names the line', async () => {
  const [failed, decoded] = await run(codec, sample('ff', { expected: [row('t', 1)] }), sample('0a'));
  expect(failed).toMatchObject({
    passed: false,
    failure: { code: 'script_threw', line: 3 },
    difference: 'Line 3: bad frame',
  });
  expect(decoded).toMatchObject({ passed: undefined, difference: undefined });
  expect(decoded!.rows[0]).toMatchObject({ name: 't', value: 1, timeMicros: null });
});

test.each<[result: string, expected: NonNullable<UplinkSample['expected']>, difference: string | undefined]>([
  ['{data: {a: 1, b: 2}}', [row('b', 2), row('a', 1)], undefined],
  ['{data: {a: 0.1 + 0.2}}', [row('a', 0.3)], undefined],
  ['{data: {a: 1234567.1 * 3}}', [row('a', 3703701.3)], undefined],
  ['{data: {a: 0.1 + 0.2 - 0.3}}', [row('a', 0)], undefined],
  ['{data: {a: 1.000001}}', [row('a', 1)], 'a is 1.000001, expected 1.'],
  ['{data: {a: 1e-6}}', [row('a', 0)], 'a is 0.000001, expected 0.'],
  ['{data: {a: "1"}}', [row('a', 1)], 'a is "1", expected 1.'],
  ['{data: {a: null}}', [row('a', false)], 'a is null, expected false.'],
  ['{data: {}}', [row('a', 1), row('b', 2)], 'a is missing, expected 1, and 1 more difference.'],
  ['{data: {a: 1, b: 2}}', [row('a', 1)], 'b is 2, which was not expected.'],
  ['{data: {a: 1}, time: 0}', [row('a', 1)], 'a is missing, expected 1, and 1 more difference.'],
  ['{data: {a: 1}, time: 0.5}', [row('a', 1, '1970-01-01T01:00:00.500+01:00')], undefined],
  [
    '{data: [{time: 1, values: {a: 1}}, {time: 2, values: {a: 2}}, {values: {a: 3}}]}',
    [row('a', 3), row('a', 2, '1970-01-01T00:00:02Z'), row('a', 1, '1970-01-01T00:00:01Z')],
    undefined,
  ],
  [
    '{data: [{values: {a: 1}}, {values: {a: 2}}]}',
    [row('a', 2), row('a', 1)],
    'a is 1, expected 2, and 1 more difference.',
  ],
  [
    '{data: [{identificationCode: "s1", quality: "bad", values: {a: 1}}, {values: {a: 2}}]}',
    [row('a', 2), { ...row('a', 1), identificationCode: 's1', quality: 2 }],
    undefined,
  ],
  [
    '{data: [{identificationCode: "s1", values: {a: 1}}]}',
    [row('a', 1)],
    'a is missing, expected 1, and 1 more difference.',
  ],
  ['{data: [{quality: 1, values: {a: 1}}]}', [row('a', 1)], 'a has the quality 1, expected 0.'],
])('%s beside what was expected', async (result, expected, what) => {
  expect(await difference(result, expected)).toBe(what);
});

test('a report says of all what JSON can hold', async () => {
  const text = script('const decodeUplink = () => ({ data: { a: 1 }, time: 1 });');
  const expected = [row('a', 1, '1970-01-01T00:00:01Z')];
  const report = reportOf(await runSamples(sandbox, text, [sample('00', { expected }), sample('01')]));
  const rows = [{ ...row('a', 1, '1970-01-01T00:00:01.000000Z'), quality: 0, identificationCode: null }];
  const rest = { rows, failure: null, difference: null, warnings: [], logs: [] };
  expect(report.passed).toBe(true);
  expect(report.results).toEqual([
    { name: '00', passed: true, ...rest },
    { name: '01', passed: null, ...rest },
  ]);
  expect(reportOf(await runSamples(sandbox, text, [sample('00')])).passed).toBeNull();
});

test.each<[string, string, object | undefined]>([
  ['a script that decodes', 'const decodeUplink = () => 1;', undefined],
  ['one that refuses an empty message', 'const decodeUplink = ({ bytes }) => bytes[0].x;', undefined],
  ['one that evaluates', 'const evaluate = () => 1;', undefined],
  ['one that encodes', 'const encodeDownlink = () => 1;', undefined],
  [
    'one that does neither',
    'const decode = () => 1;',
    { code: 'script_invalid', detail: 'The script has no function decodeUplink, evaluate or encodeDownlink.' },
  ],
  ['a syntax error', 'const decodeUplink = (', { code: 'script_invalid', detail: 'Unexpected end of input' }],
  ['an endless one', 'const decodeUplink = () => { for (;;); };', { code: 'script_timeout' }],
])('without samples, %s', async (_, source, failure) => {
  const found = await loadFailureOf(sandbox, script(source));
  if (failure) expect(found).toMatchObject(failure);
  else expect(found).toBeUndefined();
});
