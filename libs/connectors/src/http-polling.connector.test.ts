import type { ServerResponse } from 'node:http';
import { type HttpPolling, MillraceError } from '@millrace/contracts';
import { systemClock } from '@millrace/kernel';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import type { Connection } from './connector.ts';
import { connectorSuite } from './connector.suite.ts';
import { checkConnection } from './registry.ts';
import { fakePorts, hastyClock } from './testing/fake-ports.ts';
import { soon } from './testing/soon.ts';
import { WebMachine, webConnection } from './testing/web-machine.ts';

connectorSuite({
  kind: 'http-polling',
  awayCode: 'machine_unavailable',
  async openOtherSide() {
    const side = await WebMachine.start();
    const say = (value: number) => (side.answer = (response) => response.end(JSON.stringify({ value })));
    const asked = () => {
      const { length } = side.asked;
      return soon(() => expect(side.asked.length).toBeGreaterThan(length));
    };
    say(0);
    return {
      connection: (uid) => webConnection(side.url, {}, { deviceFrom: { kind: 'fixed', pattern: uid } }),
      say,
      asked,
      stall: () => {
        side.answer = (response) => void response.write('{"va');
        return asked();
      },
      visits: () => side.asked.length,
      cut: () => side.cut(),
      leave: () => side.stop(),
      comeBack: () => side.listen(),
      close: () => side.stop(),
    };
  },
});

let machine: WebMachine;

beforeEach(async () => {
  machine = await WebMachine.start();
});

afterEach(() => machine.stop());

/** Polls the machine; everything is durable at once. */
function polling(http: Partial<HttpPolling> = {}, rest: Partial<Connection> = {}, clock = hastyClock(20)) {
  const ports = fakePorts(clock);
  const connection = webConnection(machine.url, http, rest);
  ports.outboundAllowed = [new URL(machine.url).host];
  ports.sink.open = true;
  const ending = new AbortController();
  const handle = checkConnection(connection).open(ports, ending.signal);
  onTestFinished(() => ending.abort());
  const happened = (name: string) => ports.happened.filter(([one]) => one === name).map(([, fields]) => fields);
  const asked = async (times: number) => {
    const { length } = machine.asked;
    await soon(() => expect(machine.asked.length).toBeGreaterThanOrEqual(length + times));
  };
  return { ports, handle, happened, asked };
}

const csv = (...rows: readonly string[]) => ['time,counter,serial,temperature', ...rows].join('\r\n');
const table: Partial<HttpPolling> = { format: 'csv', timeFrom: 'time', cursor: 'counter' };

test('each row of a table is a message with its own device, time and counter, and cells that are numbers are numbers', async () => {
  machine.answer = (response) =>
    response.end(csv('2026-03-01T12:00:00Z,1,d1,20.5', '2026-03-01T12:00:10.5+01:00,2,d2,"warm, ""very"" so"'));
  const { ports } = polling(table, { deviceFrom: { kind: 'column', pattern: 'serial' } });
  await soon(() => expect(ports.sink.taken).toHaveLength(2));
  expect(ports.sink.taken).toMatchObject([
    {
      deviceUid: 'd1',
      identificationCode: 'd1',
      timeMicros: Date.UTC(2026, 2, 1, 12) * 1000,
      attributes: { fCnt: '1' },
      senderId: 'meter/1',
      contentType: 'application/json',
    },
    { deviceUid: 'd2', timeMicros: Date.UTC(2026, 2, 1, 11, 0, 10, 500) * 1000, attributes: { fCnt: '2' } },
  ]);
  expect(ports.sink.payloads.map((text) => JSON.parse(text) as unknown)).toEqual([
    { time: '2026-03-01T12:00:00Z', counter: 1, serial: 'd1', temperature: 20.5 },
    { time: '2026-03-01T12:00:10.5+01:00', counter: 2, serial: 'd2', temperature: 'warm, "very" so' },
  ]);
});

test('of a growing table only the new rows are taken, in their order; the others are counted', async () => {
  const row = (counter: number) => `2026-03-01T12:00:0${counter}Z,${counter},d1,${counter}`;
  machine.answer = (response) => response.end(csv(row(2), row(1)));
  const { ports, asked } = polling(table);
  await soon(() => expect(ports.sink.taken).toHaveLength(2));
  machine.answer = (response) => response.end(csv(row(4), row(3), row(2)));
  await soon(() => expect(ports.sink.taken).toHaveLength(4));
  await asked(2);
  const counters = ports.sink.payloads.map((text) => (JSON.parse(text) as { counter: number }).counter);
  expect(counters).toEqual([1, 2, 3, 4]);
  const { in: rows, out, repeated } = ports.counts;
  expect(out).toBe(4);
  expect(repeated).toBe(rows! - 4);
});

test('an owner that begins anew takes the same rows as the same messages', async () => {
  machine.answer = (response) => response.end(csv('2026-03-01T12:00:00Z,7,d1,20'));
  const [before, after] = [polling(table), polling(table)];
  for (const { ports } of [before, after]) await soon(() => expect(ports.sink.taken).toHaveLength(1));
  expect(after.ports.sink.taken).toEqual(before.ports.sink.taken);
});

test('a table that has begun anew is taken from its beginning', async () => {
  machine.answer = (response) => response.end(csv('2026-03-01T12:00:00Z,99,d1,1'));
  const { ports } = polling(table);
  await soon(() => expect(ports.sink.taken).toHaveLength(1));
  machine.answer = (response) => response.end(csv('2026-03-02T12:00:00Z,1,d1,2', '2026-03-02T12:00:10Z,2,d1,3'));
  await soon(() => expect(ports.sink.taken).toHaveLength(3));
});

test('rows that could not be stored come again, also when the machine would say that nothing has changed', async () => {
  machine.answer = (response, headers) => {
    if (headers['if-none-match'] === '"1"') return response.writeHead(304).end();
    return response.setHeader('etag', '"1"').end(csv('2026-03-01T12:00:00Z,1,d1,1', '2026-03-01T12:00:10Z,2,d1,2'));
  };
  const { ports, happened, asked } = polling(table);
  ports.sink.refusal = new MillraceError('stream_unavailable', 'Kafka is away.');
  await asked(3);
  expect(happened('answerUnchanged')).toEqual([]);
  ports.sink.refusal = undefined;
  await soon(() => expect(ports.sink.taken).toHaveLength(2));
  await soon(() => expect(happened('answerUnchanged').length).toBeGreaterThan(1));
  expect(ports.sink.taken).toHaveLength(2);
});

test('an answer that the machine calls unchanged gives no message, and is counted', async () => {
  let version = 1;
  const since = 'Sun, 01 Mar 2026 12:00:00 GMT';
  machine.answer = (response, headers) => {
    if (headers['if-none-match'] === `"${version}"` && headers['if-modified-since'] === since)
      return response.writeHead(304).end();
    return response.setHeader('etag', `"${version}"`).setHeader('last-modified', since).end(`{"value":${version}}`);
  };
  const { ports, happened } = polling();
  await soon(() => expect(happened('answerUnchanged').length).toBeGreaterThan(2));
  version = 2;
  await soon(() => expect(ports.sink.payloads).toEqual(['{"value":1}', '{"value":2}']));
});

test('rows stand where the pointer says, as an array or a single one; those without a time are a microsecond apart', async () => {
  machine.answer = (response) => response.end('{"data":{"rows":[{"id":"d1","v":1},{"id":"d2","v":2}]}}');
  // Microseconds of a hasty clock have no exact number.
  const byId = { deviceFrom: { kind: 'payload', pattern: '/id' } };
  const { ports } = polling({ rows: '/data/rows', intervalMs: 100 }, byId, systemClock);
  await soon(() => expect(ports.sink.taken.length).toBeGreaterThan(1));
  const [first, second] = ports.sink.taken;
  expect([first?.deviceUid, second?.deviceUid]).toEqual(['d1', 'd2']);
  expect(second!.timeMicros! - first!.timeMicros!).toBe(1);
  machine.answer = (response) => response.end('{"data":{"rows":{"id":"d3","v":3}}}');
  await soon(() => expect(ports.sink.taken.at(-1)?.deviceUid).toBe('d3'));
});

test.each([
  ['s', '1772366400.25', 1_772_366_400_250_000],
  ['ms', '1772366400250', 1_772_366_400_250_000],
] as const)('a time in %s is read', async (timeFormat, text, micros) => {
  machine.answer = (response) => response.end(`{"t":${text},"again":"${text}"}`);
  const { ports } = polling({ timeFrom: '/t', timeFormat });
  await soon(() => expect(ports.sink.taken[0]?.timeMicros).toBe(micros));
});

test('a row of a stranger, or without a time, is a dead letter of its own; its neighbours are stored', async () => {
  machine.answer = (response) =>
    response.end(csv('2026-03-01T12:00:00Z,1,nobody,1', 'yesterday,2,d1,2', '2026-03-01T12:00:10Z,3,d1,3'));
  const { ports, asked } = polling(table, { deviceFrom: { kind: 'column', pattern: 'serial' } });
  await soon(() => expect(ports.sink.taken).toHaveLength(1));
  await asked(2);
  expect(ports.kept.map(({ code }) => code)).toEqual(['unknown_sender', 'invalid_field']);
  expect(ports.counts).toMatchObject({ out: 1, unknown_sender: 1, invalid_field: 1 });
});

test.each<[string, string, (response: ServerResponse) => void]>([
  ['is no JSON', 'malformed_body', (response) => response.end('<html>')],
  ['is JSON without rows', 'malformed_body', (response) => response.end('[1]')],
  ['is compressed unasked', 'malformed_body', (response) => response.setHeader('content-encoding', 'gzip').end('x')],
  ['has too many rows', 'body_too_large', (response) => response.end(`[${'{},'.repeat(10_000)}{}]`)],
  ['is huge', 'machine_unavailable', (response) => response.end(Buffer.alloc(9 * 1024 * 1024, ' '))],
  ['comes too late', 'machine_unavailable', (response) => void response.write('{')],
  ['is an error of the server', 'machine_unavailable', (response) => response.writeHead(500).end()],
  ['asks for patience', 'machine_unavailable', (response) => response.writeHead(429).end()],
  ['wants other credentials', 'machine_refused', (response) => response.writeHead(401).end()],
  ['leads elsewhere', 'machine_refused', (response) => response.writeHead(302, { location: '/other' }).end()],
])('an answer that %s is told as %s, gives nothing, and the next one is taken', async (_, code, answer) => {
  machine.answer = answer;
  const { ports, handle } = polling({ timeoutMs: 300 });
  await soon(() => expect(handle.state.lastError?.code).toBe(code));
  expect(['refused', 'waiting', 'connecting']).toContain(handle.state.phase);
  expect(handle.state.phase === 'refused').toBe(code === 'machine_refused');
  expect(ports.counts).toEqual({});
  machine.answer = (response) => response.end('{"value":1}');
  await soon(() => expect(ports.sink.payloads).toContain('{"value":1}'));
});

test('an address that is private is asked only if the operator allows it', async () => {
  const ports = fakePorts(hastyClock(20));
  const handle = checkConnection(webConnection(machine.url)).open(ports, AbortSignal.timeout(10_000));
  const refused = { phase: 'refused', lastError: { code: 'configuration_invalid' } };
  await soon(() => expect(handle.state).toMatchObject(refused));
  expect(machine.asked).toEqual([]);
  await handle.close(AbortSignal.abort());
});

test.each<[string, Partial<Connection>, Partial<HttpPolling>, object]>([
  ['a password', { username: 'u', password: 'p' }, {}, { authorization: 'Basic dTpw' }],
  ['a token', { token: 'a.b.c' }, {}, { authorization: 'Bearer a.b.c' }],
  ['headers', { headers: { 'x-api-key': 'k' } }, {}, { 'x-api-key': 'k' }],
])('says who it is by %s', async (_, rest, http, headers) => {
  const { asked } = polling(http, rest);
  await asked(1);
  expect(machine.asked[0]).toMatchObject(headers);
});

test('while nothing becomes durable the machine is not asked for more than fits, and is asked again afterwards', async () => {
  machine.answer = (response) => response.end(`[${'{"v":1},'.repeat(7_999)}{"v":1}]`);
  const { ports, handle, happened } = polling({ intervalMs: 100 });
  ports.sink.open = false;
  await soon(() => expect(happened('paused')).toHaveLength(1));
  const { length } = machine.asked;
  const pausedMs = ports.clock.nowMs();
  await soon(() => expect(ports.clock.nowMs()).toBeGreaterThan(pausedMs + 10 * 100));
  expect(machine.asked).toHaveLength(length);
  expect(handle.state.unacknowledged).toBe(24_000);
  ports.sink.open = true;
  ports.sink.release();
  await soon(() => expect(happened('resumed')).toHaveLength(1));
  await soon(() => expect(machine.asked.length).toBeGreaterThan(length));
});
