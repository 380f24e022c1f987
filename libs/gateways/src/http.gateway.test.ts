import { once } from 'node:events';
import { connect } from 'node:net';
import type { Problem } from '@millrace/contracts';
import { ManualClock } from '@millrace/testkit';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  deviceAuthorization,
  keyAuthorization,
  AcmeAuthenticator,
  AcmeTokenDesk,
} from './testing/acme-authenticator.ts';
import { HeldSink } from './testing/held-sink.ts';
import { httpUnderTest } from './testing/http-member.ts';
import { CountingHop, gatewaySuite, reachedQuota } from './gateway.suite.ts';
import type { GatewayHandle, GatewayPorts } from './gateway.ts';
import { httpGateway } from './http.gateway.ts';
import { payloadBytesMax } from './message-limits.ts';

const confirmMsMax = 30_000;
const settings = httpGateway.settings.parse({ port: 0, requestsInFlightMax: 4, messagesPerBatchMax: 10, confirmMsMax });

gatewaySuite({
  name: httpGateway.name,
  confirmMsMax,
  oversizedBytes: payloadBytesMax + 1,
  clock: () => new ManualClock(),
  async start(ports: GatewayPorts) {
    return httpUnderTest(await httpGateway.start(settings, ports));
  },
});

let sink: HeldSink;
let hop: CountingHop;
let handle: GatewayHandle;

beforeEach(async () => {
  sink = new HeldSink();
  hop = new CountingHop();
  handle = await httpGateway.start(settings, {
    sink,
    authenticator: new AcmeAuthenticator(),
    tokens: new AcmeTokenDesk(),
    hop,
    clock: new ManualClock(),
    failed: (error) => expect.unreachable(String(error)),
  });
});

afterEach(async () => {
  sink.release();
  await handle.stop();
});

function post(
  path: string,
  body: string | ReadableStream | null,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const authorization = path.endsWith('/batch') ? keyAuthorization : deviceAuthorization;
  return fetch(handle.address + path, { method: 'POST', headers: { authorization, ...headers }, body, duplex: 'half' });
}

const postBatch = (body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
  post('/v1/messages/batch', typeof body === 'string' ? body : JSON.stringify(body), {
    'content-type': 'application/json',
    ...headers,
  });

const payload = 'AQI=';

test('a batch is answered with the ids in the order of its messages', async () => {
  const response = await postBatch({
    messages: [
      { device: 'd1', payload },
      { device: 'd2', json: { t: 1 } },
    ],
  });
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ ids: ['0'.repeat(32), `${'0'.repeat(31)}1`] });
  expect(sink.messages.map(({ deviceUid }) => deviceUid)).toEqual(['d1', 'd2']);
});

test('headers carry the id, the time and the content type of a single message', async () => {
  const response = await post('/v1/messages', 'x', {
    'millrace-message-id': 'a-1',
    'millrace-time': '2026-03-01T12:30:00.5Z',
    'content-type': 'text/csv',
  });
  expect(response.status).toBe(200);
  expect(sink.messages[0]).toMatchObject({
    senderId: 'a-1',
    timeMicros: Date.UTC(2026, 2, 1, 12, 30) * 1000 + 500_000,
    contentType: 'text/csv',
  });
});

test('query parameters are attributes for the script', async () => {
  expect((await post('/v1/messages?fPort=2&gateway=north%20hall', 'x')).status).toBe(200);
  expect(sink.messages[0]?.attributes).toEqual({ fPort: '2', gateway: 'north hall' });
});

test('a batch with an unknown device is refused as a whole', async () => {
  const response = await postBatch({
    messages: [
      { device: 'd1', payload },
      { device: 'x', payload },
    ],
  });
  expect(response.headers.get('content-type')).toContain('application/problem+json');
  expect(await response.json()).toMatchObject({
    type: 'urn:millrace:error:invalid_field',
    status: 400,
    retry: 'never',
    errors: [{ field: 'messages[1].device', code: 'unknown_device' }],
  });
  expect(sink.messages).toEqual([]);
  expect(hop).toMatchObject({ taken: 2, refused: { invalid_field: 2 } });
});

test.each([
  ['400 malformed_body', () => postBatch('{"messages":')],
  ['400 empty_body', () => postBatch('')],
  ['400 empty_body', () => post('/v1/messages', null)],
  ['400 empty_body', () => post('/v1/messages', ReadableStream.from([]))],
  ['400 invalid_field', () => postBatch({ messages: Array(11).fill({ device: 'd1', payload }) })],
  ['400 invalid_field', () => post('/v1/messages', 'x', { 'millrace-time': 'yesterday' })],
  ['400 invalid_field', () => post('/v1/messages', 'x', { 'millrace-message-id': 'x'.repeat(129) })],
  ['400 invalid_field', () => post('/v1/messages?fPort=1&fPort=2', 'x')],
  ['400 invalid_field', () => post('/v1/messages?__proto__=1', 'x')],
  ['400 invalid_field', () => post(`/v1/messages?a=${'x'.repeat(257)}`, 'x')],
  ['400 invalid_field', () => post(`/v1/messages?${Array.from({ length: 17 }, (_, n) => `a${n}=1`).join('&')}`, 'x')],
  ['401 unauthenticated', () => postBatch({}, { authorization: 'Bearer wrong' })],
  ['403 not_allowed', () => post('/v1/messages', 'x', { authorization: keyAuthorization })],
  ['403 device_disabled', () => postBatch({ messages: [{ device: 'off', payload }] })],
  ['404 not_found', () => post('/v1/absent', 'x')],
  ['404 not_found', () => fetch(`${handle.address}/v1/messages`)],
  ['413 body_too_large', () => postBatch(' '.repeat(settings.batchBytesMax + 1))],
  ['415 unsupported_media_type', () => post('/v1/messages/batch', '{}', { 'content-type': 'text/csv' })],
  ['415 unsupported_media_type', () => post('/v1/messages', 'x', { 'content-encoding': 'gzip' })],
])('answers %s', async (expected, request) => {
  const response = await request();
  const problem = (await response.json()) as Problem;
  expect(`${response.status} ${problem.code}`).toBe(expected);
  expect(problem).toMatchObject({ status: response.status, title: expect.any(String), detail: expect.any(String) });
  expect(sink.messages).toEqual([]);
});

test('refuses requests over the limit at once, with the time to come again', async () => {
  sink.hold();
  const held = Array.from({ length: settings.requestsInFlightMax }, () => post('/v1/messages', 'x'));
  await vi.waitFor(() => expect(sink.messages).toHaveLength(settings.requestsInFlightMax));
  const refused = await post('/v1/messages', 'x');
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).toBe('1');
  expect(((await refused.json()) as Problem).code).toBe('overloaded');
  sink.release();
  for (const response of await Promise.all(held)) expect(response.status).toBe(200);
  expect((await post('/v1/messages', 'x')).status).toBe(200);
});

test('a batch beyond the quota is refused as a whole, with the quota, its limit and when to come again', async () => {
  sink.failure = reachedQuota;
  const response = await postBatch({ messages: Array(3).fill({ device: 'd1', payload }) });
  expect(response.status).toBe(429);
  expect(response.headers.get('retry-after')).toBe('3');
  expect(await response.json()).toEqual({
    type: 'urn:millrace:error:quota_exceeded',
    title: 'A quota of the tenant is used up',
    status: 429,
    detail: 'The tenant may have 10 messages per second; send again in 3 s.',
    code: 'quota_exceeded',
    retry: 'later',
    quota: { name: 'messagesPerSecond', limit: 10, retryAfterSeconds: 3 },
  });
  expect(sink.messages).toEqual([]);
});

test('a sender that leaves in the middle of its body gives its place back', async () => {
  const head = `POST /v1/messages HTTP/1.1\r\nhost: x\r\nauthorization: ${deviceAuthorization}\r\ncontent-length: 9\r\n\r\n`;
  const { hostname, port } = new URL(handle.address);
  for (let round = 0; round < settings.requestsInFlightMax + 1; round += 1) {
    const socket = connect({ host: hostname, port: Number(port) });
    socket.write(`${head}half`);
    await vi.waitFor(() => expect(socket.bytesWritten).toBeGreaterThan(head.length));
    socket.destroy();
  }
  await vi.waitFor(async () => expect((await post('/v1/messages', 'x')).status).toBe(200));
});

test('a request that was on its way when the gateway stopped is sent to another one', async () => {
  sink.hold();
  const held = post('/v1/messages', 'x');
  await vi.waitFor(() => expect(sink.messages).toHaveLength(1));
  const { hostname, port } = new URL(handle.address);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.write('GET /absent HTTP/1.1\r\nhost: x\r\n\r\nPOST /v1/messages HTTP/1.1\r\nhost: x\r\n');
  await once(socket, 'data');
  const stopped = handle.stop();
  socket.end(`authorization: ${deviceAuthorization}\r\ncontent-length: 1\r\n\r\nx`);
  const answer = Buffer.concat((await socket.toArray()) as Buffer[]).toString();
  expect(answer).toMatch(/^HTTP\/1.1 503 /);
  expect(JSON.parse(answer.slice(answer.indexOf('{')))).toMatchObject({ code: 'not_ready', retry: 'later' });
  sink.release();
  expect((await held).status).toBe(200);
  await stopped;
});

test.each([
  ['what is not HTTP', 'hello\r\n\r\n'],
  ['a head that is too large', `GET / HTTP/1.1\r\nx: ${'x'.repeat(9000)}\r\n\r\n`],
])('%s is answered with a problem and hung up on', async (_, text) => {
  const { hostname, port } = new URL(handle.address);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.end(text);
  const answer = Buffer.concat((await socket.toArray()) as Buffer[]).toString();
  expect(answer).toMatch(/^HTTP\/1.1 400 /);
  expect(JSON.parse(answer.slice(answer.indexOf('{')))).toMatchObject({ code: 'malformed_request' });
});
