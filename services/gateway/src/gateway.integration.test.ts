import { randomBytes, randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { CredentialHasher, SecretKey } from '@millrace/auth';
import { entityNames, followConfiguration, publishConfiguration, type Publisher } from '@millrace/config';
import { type RawBatch, type RawMessage, topics } from '@millrace/contracts';
import { BatchConsumer, connectRegistry, createKafka, RecordProducer } from '@millrace/kafka';
import { systemClock } from '@millrace/kernel';
import type { AccountingReport } from '@millrace/observe';
import { startService, type StartedService } from '@millrace/platform';
import { testAddresses } from '@millrace/testkit';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { gatewayDefinition } from './gateway-definition.ts';
import { GatewayHost } from './gateway-host.ts';

const tenant = `t_${randomUUID().slice(0, 8)}`;
const key = `${tenant}.${randomBytes(24).toString('base64url')}`;
const secretKey = randomBytes(32).toString('hex');
const hasher = new CredentialHasher(SecretKey.fromEnvironment(secretKey));
const kafka = createKafka({ brokers: [testAddresses.kafka], clientId: 'millrace-test' });
const registry = connectRegistry({ url: testAddresses.registry });
const producer = new RecordProducer(kafka);
const received: RawMessage[] = [];
let publisher: Publisher;
let service: StartedService;
let consumer: BatchConsumer;
let gateway: string;
let tcp: string;

const entities = ['devices', 'apiKeys', 'deviceCredentials'] as const;

type Files = Parameters<typeof publishConfiguration>[1];

const nothing = Object.fromEntries(entityNames.map((entity) => [entity, []])) as unknown as Files;
const device = (deviceUid: string): Files['devices'][number] => ({
  tenant,
  deviceUid,
  identificationCode: null,
  productId: 'pump',
  name: '',
  state: 'active',
  attributes: {},
  passwordHashes: [],
  passwords: [`password of ${deviceUid}`],
});
const configuration: Files = {
  ...nothing,
  devices: [device('d1'), device('d2')],
  apiKeys: [{ tenant, keyId: tenant, key, scopes: ['ingest'], expiresAt: null }],
};

beforeAll(async () => {
  const signal = AbortSignal.timeout(50_000);
  service = await startService(gatewayDefinition, {
    variables: {
      MILLRACE_KAFKA_BROKERS: testAddresses.kafka,
      MILLRACE_REGISTRY_URL: testAddresses.registry,
      MILLRACE_HTTP_PORT: '0',
      MILLRACE_GATEWAY_HTTP_PORT: '0',
      MILLRACE_GATEWAY_TCP_PORT: '0',
      MILLRACE_SECRET_KEY: secretKey,
      MILLRACE_LOG_LEVEL: 'error',
    },
    onCrash: (error) => expect.unreachable(String(error)),
    signal,
  });
  [gateway = '', tcp = ''] = service.app.get(GatewayHost).addresses;
  publisher = {
    entities,
    published: await followConfiguration(kafka, registry, entities, signal),
    producer,
    registry,
    clock: systemClock,
    secrets: { hash: (secret) => hasher.hash(secret), seal: (secret) => Buffer.from(secret) },
    ownsTenant: (name) => name === tenant,
  };
  await publishConfiguration(publisher, configuration, signal);
  const codec = await registry.codec<RawBatch>(topics.raw);
  consumer = new BatchConsumer(kafka, {
    groupId: `test.${randomUUID()}`,
    topics: [topics.raw.name],
    async handle(batch) {
      await registry.prepare(batch.records);
      for (const { value } of batch.records)
        received.push(...codec.decode(value!).messages.filter((message) => message.tenant === tenant));
      batch.settle(batch.records.length);
    },
    onCrash: (error) => expect.unreachable(String(error)),
  });
  await consumer.start(signal);
}, 60_000);

afterAll(async () => {
  await consumer.stop();
  await publishConfiguration(publisher, nothing, AbortSignal.timeout(10_000));
  await publisher.published.close();
  await service.app.close();
  await producer.close();
}, 30_000);

const post = (path: string, authorization: string, body: string): Promise<Response> =>
  fetch(gateway + path, { method: 'POST', headers: { authorization, 'content-type': 'application/json' }, body });
const basic = (uid: string): string => `Basic ${btoa(`${tenant}/${uid}:password of ${uid}`)}`;

/** The configuration travels through Kafka, so the first request may be too early. */
const accepted = (path: string, authorization: string, body: string): Promise<Response> =>
  vi.waitFor(
    async () => {
      const response = await post(path, authorization, body);
      expect(response.status).toBe(200);
      return response;
    },
    { timeout: 10_000, interval: 50 },
  );

test('what a device was given a receipt for is in the raw topic', async () => {
  const response = await accepted('/v1/messages?fPort=2', basic('d1'), '{"t":1}');
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
  const first = await (await accepted('/v1/messages/batch', `Bearer ${key}`, body)).json();
  const again = await (await accepted('/v1/messages/batch', `Bearer ${key}`, body)).json();
  expect(again).toEqual(first);
  const ofDevice = (): readonly string[] =>
    received.filter(({ deviceUid }) => deviceUid === 'd2').map(({ payload }) => payload.toString());
  const numbers = messages.map(({ json }) => String(json));
  await vi.waitFor(() => expect(ofDevice()).toEqual([...numbers, ...numbers]), 20_000);
});

/** Sends lines as they are and resolves with the answers when all are there. */
async function answersTo(lines: string): Promise<readonly string[]> {
  const { hostname, port } = new URL(tcp);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.end(lines);
  return Buffer.concat((await socket.toArray()) as Buffer[])
    .toString()
    .trim()
    .split('\n');
}

test('lines over TCP are answered with the ids under which they are in the raw topic', async () => {
  await accepted('/v1/messages', basic('d1'), 'x');
  const numbers = Array.from({ length: 100 }, (_, number) => `line ${number}`);
  const answers = await answersTo(`RAW ${tenant}/d1:password of d1\n${numbers.join('\n')}\n`);
  expect(answers[0]).toBe('OK');
  const ids = answers.slice(1).map((answer) => answer.replace('OK ', ''));
  await vi.waitFor(() => {
    const lines = received.filter(({ contentType }) => contentType === 'text/plain');
    expect(lines.map(({ messageId }) => messageId.toString('hex'))).toEqual(ids);
    expect(lines.map(({ payload }) => payload.toString())).toEqual(numbers);
  }, 20_000);
});

test('a device is known soon after it was configured, and refused soon after it vanished', async () => {
  const status = async (): Promise<number> => (await post('/v1/messages', basic('d3'), 'x')).status;
  expect(await status()).toBe(401);
  const signal = AbortSignal.timeout(10_000);
  await publishConfiguration(
    publisher,
    { ...configuration, devices: [...configuration.devices, device('d3')] },
    signal,
  );
  await vi.waitFor(async () => expect(await status()).toBe(200), 2000);
  await publishConfiguration(publisher, configuration, signal);
  await vi.waitFor(async () => expect(await status()).toBe(401), 2000);
});

test('a key of a device opens soon after it was configured, and a token ends soon after its password was replaced', async () => {
  const credentialId = `${tenant}-d1`;
  const deviceKey = `${credentialId}.${randomBytes(24).toString('base64url')}`;
  const credential = { tenant, credentialId, deviceUid: 'd1', expiresAt: null };
  const files = { ...configuration, deviceCredentials: [{ ...credential, kind: 'key' as const, key: deviceKey }] };
  const signal = AbortSignal.timeout(20_000);
  await publishConfiguration(publisher, files, signal);
  await accepted('/v1/messages', `Bearer ${deviceKey}`, 'x');
  const form = { grant_type: 'password', username: `${tenant}/d1`, password: 'password of d1' };
  const granted = await fetch(`${gateway}/v1/token`, { method: 'POST', body: new URLSearchParams(form) });
  const { access_token: accessToken } = (await granted.json()) as { readonly access_token: string };
  const status = async (bearer: string): Promise<number> =>
    (await post('/v1/messages', `Bearer ${bearer}`, 'x')).status;
  expect(await status(accessToken)).toBe(200);
  const replaced = configuration.devices.map((one) => ({ ...one, passwords: ['another password'] }));
  await publishConfiguration(publisher, { ...configuration, devices: replaced }, signal);
  await vi.waitFor(async () => expect([await status(accessToken), await status(deviceKey)]).toEqual([401, 401]), 5000);
  await publishConfiguration(publisher, configuration, signal);
});

test('every message is accounted for', async () => {
  await accepted('/v1/messages', basic('d1'), 'x');
  await post('/v1/messages', 'Basic wrong', 'x');
  const report = (await (await fetch(`${service.url}/v1/accounting`)).json()) as AccountingReport;
  const http = report.hops.find(({ hop }) => hop === 'http');
  expect(http?.rejected.unauthenticated).toBeGreaterThan(0);
  const rejected = Object.values(http!.rejected).reduce((sum, count) => sum + count, 0);
  expect(http).toMatchObject({ in: http!.out + rejected, inFlight: 0 });
  const lines = report.hops.find(({ hop }) => hop === 'tcp');
  expect(lines).toMatchObject({ in: lines!.out, inFlight: 0 });
});
