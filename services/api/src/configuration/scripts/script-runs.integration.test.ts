/** Dry runs through REST: what a script makes of messages, before anybody depends on it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiUnderTest } from '../../testing/api-under-test.ts';

const api = new ApiUnderTest(['read', 'write', 'admin']);
beforeAll(() => api.start(), 60_000);
afterAll(() => api.close(), 30_000);

type Json = Readonly<Record<string, unknown>>;

async function post(path: string, body: Json, key?: string): Promise<Json> {
  const response = await api.post(path, body, key);
  return { status: response.status, ...((await response.json()) as Json) };
}

const source = `function decodeUplink({ bytes, fPort, recvTime }) {
  if (bytes.length === 0)
    throw new Error('empty');
  console.log('port', fPort);
  return { data: [{ time: recvTime, values: { t: bytes[0] / 10 } }], warnings: ['cold'] };
}`;
const text = { language: 'javascript', source };
const messages = [
  { payload: '15', attributes: { fPort: '2' }, time: '2026-03-01T12:00:00Z' },
  { name: 'none', payload: '' },
];

test('a text is run with messages and not kept: rows, warnings, logs, failures with their line, and what it cost', async () => {
  const answer = await post('/v1/scripts/run', { ...text, samples: messages });
  expect(answer).toEqual({
    status: 200,
    passed: null,
    results: [
      {
        name: 'sample 1',
        passed: null,
        rows: [{ name: 't', value: 2.1, time: '2026-03-01T12:00:00.000000Z', quality: 0, identificationCode: null }],
        failure: null,
        difference: null,
        warnings: ['cold'],
        logs: ['port 2'],
      },
      {
        name: 'none',
        passed: null,
        rows: [],
        failure: { code: 'script_threw', detail: 'empty', line: 3 },
        difference: null,
        warnings: [],
        logs: [],
      },
    ],
    cpuMs: expect.any(Number),
    heapBytes: expect.any(Number),
  });
  expect(answer['cpuMs']).toBeGreaterThan(0);
  expect(answer['heapBytes']).toBeGreaterThan(100_000);
  expect((await api.get('/v1/scripts/run')).status).toBe(404);
});

test('what is expected is compared, and a refusal can be', async () => {
  const expected = [{ name: 't', value: 2, time: '2026-03-01T12:00:00Z' }];
  const samples = [
    { ...messages[0], expected },
    { ...messages[1], expected: null },
  ];
  expect(await post('/v1/scripts/run', { ...text, samples })).toMatchObject({
    passed: false,
    results: [
      { passed: false, difference: expect.stringMatching(/^t at .+ is 2\.1, expected 2\.$/) },
      { passed: true },
    ],
  });
});

test('a script that is there runs with its own samples or with others, also an earlier version', async () => {
  const tenfold = `const decodeUplink = ({ bytes }) => ({ data: { t: bytes[0] * 10 } });`;
  const samples = [{ name: 'one', payload: '01', expected: [{ name: 't', value: 10 }] }];
  await post('/v1/scripts', { scriptId: 'stored', source: tenfold, samples });
  await api.send('PATCH', '/v1/scripts/stored', { source: tenfold.replace('10', '11'), samples: [] });
  const run = (body: Json): Promise<Json> => post('/v1/scripts/stored/run', body);
  expect(await run({ samples })).toMatchObject({ passed: false });
  expect(await run({ version: 1, samples })).toMatchObject({ passed: true });
  expect(await run({})).toMatchObject({ status: 400, errors: [{ field: 'samples' }] });
  expect(await run({ version: 3 })).toMatchObject({ status: 404 });
  await api.send('PATCH', '/v1/scripts/stored', { source: tenfold, samples });
  expect(await run({})).toMatchObject({ status: 200, passed: true, results: [{ name: 'one' }] });
});

test('a script that breaks its limits is told which, and hurts nobody', async () => {
  const endless = { ...text, source: 'const decodeUplink = () => { for (;;); };', samples: messages };
  expect(await post('/v1/scripts/run', endless)).toMatchObject({
    status: 200,
    results: [{ failure: { code: 'script_timeout' } }, { failure: { code: 'script_timeout' } }],
  });
  expect(await post('/v1/scripts/run', { ...text, samples: messages })).toMatchObject({ status: 200 });
});

test('messages are bounded, and of their encoding', async () => {
  const run = async (samples: unknown): Promise<unknown> =>
    (await post('/v1/scripts/run', { ...text, samples }))['status'];
  expect(await run([])).toBe(400);
  expect(await run(Array.from({ length: 33 }, () => messages[0]))).toBe(400);
  expect(await run([{ payload: 'xy' }])).toBe(400);
  expect(await run([{ payload: 'aa'.repeat(9_000) }])).toBe(400);
});

test('trying a text needs the scope write, trying what is there the scope read', async () => {
  expect(await post('/v1/scripts/run', { ...text, samples: messages }, api.otherKey)).toMatchObject({ status: 403 });
  expect(await post('/v1/scripts/stored/run', { samples: messages }, api.otherKey)).toMatchObject({ status: 404 });
});
