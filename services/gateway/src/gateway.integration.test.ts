import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { GatewayBench } from './testing/gateway-bench.ts';

let bench: GatewayBench;

beforeAll(async () => {
  bench = await GatewayBench.start(1);
}, 60_000);

afterAll(() => bench.close(), 30_000);

const accepted = async (path: string, authorization: string, body: string): Promise<Response> => {
  const response = await bench.post(path, authorization, body);
  expect(response.status).toBe(200);
  return response;
};

test('what a device was given a receipt for is in the raw topic', async () => {
  const { received, tenant } = bench;
  const response = await accepted('/v1/messages?fPort=2', bench.basic('d1'), '{"t":1}');
  const { id } = (await response.json()) as { readonly id: string };
  await vi.waitFor(() => expect(received.map(({ messageId }) => messageId.toString('hex'))).toContain(id), 20_000);
  const message = received.find(({ messageId }) => messageId.toString('hex') === id);
  expect(message).toMatchObject({ tenant, deviceUid: 'd1', attributes: { fPort: '2' }, timeMicros: null });
  expect(message?.payload.toString()).toBe('{"t":1}');
  expect(Math.abs(message!.receivedAtMicros / 1000 - Date.now())).toBeLessThan(60_000);
});

test('a batch under a key of the tenant keeps the order of a device and the ids of its sender', async () => {
  const messages = Array.from({ length: 50 }, (_, number) => ({ device: 'd2', id: `m${number}`, json: number }));
  const body = JSON.stringify({ messages });
  const first = await (await accepted('/v1/messages/batch', `Bearer ${bench.key}`, body)).json();
  const again = await (await accepted('/v1/messages/batch', `Bearer ${bench.key}`, body)).json();
  expect(again).toEqual(first);
  const ofDevice = (): readonly string[] =>
    bench.received.filter(({ deviceUid }) => deviceUid === 'd2').map(({ payload }) => payload.toString());
  const numbers = messages.map(({ json }) => String(json));
  await vi.waitFor(() => expect(ofDevice()).toEqual([...numbers, ...numbers]), 20_000);
});

test('lines over TCP are answered with the ids under which they are in the raw topic', async () => {
  const numbers = Array.from({ length: 100 }, (_, number) => `line ${number}`);
  const answers = await bench.lines('d1', `${numbers.join('\n')}\n`);
  expect(answers[0]).toBe('OK');
  const ids = answers.slice(1).map((answer) => answer.replace('OK ', ''));
  await vi.waitFor(() => {
    const lines = bench.received.filter(({ contentType }) => contentType === 'text/plain');
    expect(lines.map(({ messageId }) => messageId.toString('hex'))).toEqual(ids);
    expect(lines.map(({ payload }) => payload.toString())).toEqual(numbers);
  }, 20_000);
});

test('a device is known soon after it was configured, and refused soon after it vanished', async () => {
  const status = async (): Promise<number> => (await bench.post('/v1/messages', bench.basic('d3'), 'x')).status;
  expect(await status()).toBe(401);
  await bench.publish({ devices: [...bench.configuration.devices, bench.device('d3')] });
  await vi.waitFor(async () => expect(await status()).toBe(200), 2000);
  await bench.publish({});
  await vi.waitFor(async () => expect(await status()).toBe(401), 2000);
});

test('a key of a device opens soon after it was configured, and a token ends soon after its password was replaced', async () => {
  const { tenant, configuration } = bench;
  const credentialId = `${tenant}-d1`;
  const deviceKey = `${credentialId}.${randomBytes(24).toString('base64url')}`;
  const credential = { tenant, credentialId, deviceUid: 'd1', expiresAt: null };
  const status = async (bearer: string): Promise<number> =>
    (await bench.post('/v1/messages', `Bearer ${bearer}`, 'x')).status;
  await bench.publish({ deviceCredentials: [{ ...credential, kind: 'key', key: deviceKey }] });
  await vi.waitFor(async () => expect(await status(deviceKey)).toBe(200), 5000);
  const accessToken = await bench.token('d1');
  expect(await status(accessToken)).toBe(200);
  const replaced = configuration.devices.map((one) => ({ ...one, passwords: ['another password'] }));
  await bench.publish({ devices: replaced });
  await vi.waitFor(async () => expect([await status(accessToken), await status(deviceKey)]).toEqual([401, 401]), 5000);
  await bench.publish({});
  await vi.waitFor(
    async () => expect((await bench.post('/v1/messages', bench.basic('d1'), 'x')).status).toBe(200),
    5000,
  );
});

test('every message is accounted for', async () => {
  await accepted('/v1/messages', bench.basic('d1'), 'x');
  await bench.post('/v1/messages', 'Basic wrong', 'x');
  const http = await bench.hop('http');
  expect(http?.rejected.unauthenticated).toBeGreaterThan(0);
  const rejected = Object.values(http!.rejected).reduce((sum, count) => sum + count, 0);
  expect(http).toMatchObject({ in: http!.out + rejected, inFlight: 0 });
  const lines = await bench.hop('tcp');
  expect(lines).toMatchObject({ in: lines!.out, inFlight: 0 });
});
