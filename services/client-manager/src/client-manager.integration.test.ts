/** The client manager between a real Mosquitto and a real Kafka. */
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { principalHeader, PrincipalSigner, SecretKey } from '@millrace/auth';
import { entityNames, followConfiguration, publishConfiguration, type Publisher } from '@millrace/config';
import { deadLetterTopicOf, type RawBatch, topics } from '@millrace/contracts';
import { BatchConsumer, connectRegistry, createKafka, RecordProducer } from '@millrace/kafka';
import { systemClock } from '@millrace/kernel';
import type { AccountingReport } from '@millrace/observe';
import { startService, type StartedService } from '@millrace/platform';
import { anyDevice, testAddresses } from '@millrace/testkit';
import { ModbusTCPServer } from 'jsmodbus';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { clientManagerDefinition } from './client-manager-definition.ts';
import type { ConnectionReport } from './managed-connection.ts';

const patient = { timeout: 20_000, interval: 50 };
const tenant = `t_${randomUUID().slice(0, 8)}`;
const secretKey = randomBytes(32).toString('hex');
const signer = new PrincipalSigner(SecretKey.fromEnvironment(secretKey));
const kafka = createKafka({ brokers: [testAddresses.kafka], clientId: 'millrace-test' });
const registry = connectRegistry({ url: testAddresses.registry });
const producer = new RecordProducer(kafka);
const raw: RawBatch[] = [];
const letters: { readonly headers: Readonly<Record<string, string>>; readonly batch: RawBatch }[] = [];
let folder: string;
let devices: Publisher;
let mqtt: MqttClient;
let service: StartedService;
let consumer: BatchConsumer;

type Files = Parameters<typeof publishConfiguration>[1];

const nothing = Object.fromEntries(entityNames.map((entity) => [entity, []])) as unknown as Files;

const plant = {
  tenant,
  connectionId: 'plant',
  kind: 'mqtt',
  url: testAddresses.mqtt,
  clientId: `${tenant}-plant`,
  username: 'millrace',
  password: 'very secret',
  subscriptions: [{ topicFilter: `${tenant}/+/up`, qos: 1 }],
  deviceFrom: { kind: 'topic', pattern: `${tenant}/{identificationCode}/up` },
};

async function writeConnections(...connections: readonly object[]): Promise<void> {
  await writeFile(join(folder, 'connections.json'), JSON.stringify(connections));
}

async function reports(): Promise<readonly ConnectionReport[]> {
  const path = '/v1/connections';
  const principal = { tenant, keyId: 'test', scopes: ['read'], by: 'test', to: null };
  const signed = signer.sign(principal, { method: 'GET', path, body: undefined }, Date.now());
  const response = await fetch(service.url + path, { headers: { [principalHeader]: signed } });
  const { items } = (await response.json()) as { readonly items: readonly ConnectionReport[] };
  return items;
}

async function report(connectionId: string): Promise<ConnectionReport | undefined> {
  return (await reports()).find((connection) => connection.connectionId === connectionId);
}

function received(): readonly string[] {
  return raw.flatMap(({ messages }) => messages.map(({ payload }) => payload.toString()));
}

beforeAll(async () => {
  const signal = AbortSignal.timeout(50_000);
  folder = await mkdtemp(join(tmpdir(), 'millrace-client-manager-'));
  await writeFile(join(folder, 'tenants.json'), JSON.stringify([{ tenant, name: 'Test' }]));
  await writeConnections(plant);
  service = await startService(
    clientManagerDefinition((name) => name === tenant),
    {
      variables: {
        MILLRACE_KAFKA_BROKERS: testAddresses.kafka,
        MILLRACE_REGISTRY_URL: testAddresses.registry,
        MILLRACE_HTTP_PORT: '0',
        MILLRACE_INSTANCE: 'manager-1',
        MILLRACE_SECRET_KEY: secretKey,
        MILLRACE_REDIS_URL: testAddresses.redis,
        MILLRACE_LEASE_GROUP: tenant.replace('_', '-'),
        MILLRACE_LEASE_TTL_MS: '2000',
        MILLRACE_CONFIG_DIR: folder,
        MILLRACE_LOG_LEVEL: 'error',
      },
      onCrash: (error) => expect.unreachable(String(error)),
      signal,
    },
  );
  devices = {
    entities: ['devices'],
    published: await followConfiguration(kafka, registry, ['devices', 'connections'], signal),
    producer,
    registry,
    clock: systemClock,
    secrets: { hash: (secret) => secret, seal: (secret) => Buffer.from(secret) },
    ownsTenant: (name) => name === tenant,
  };
  const known = { ...anyDevice(tenant, 'd1', { identificationCode: 'SN-1' }), passwords: [] };
  await publishConfiguration(devices, { ...nothing, devices: [known] }, signal);
  consumer = await consume(signal);
  mqtt = await connectAsync(testAddresses.mqtt);
}, 60_000);

/** Everything of the tenant that comes into the raw topic and its dead letters. */
async function consume(signal: AbortSignal): Promise<BatchConsumer> {
  const codec = await registry.codec<RawBatch>(topics.raw);
  const reader = new BatchConsumer(kafka, {
    groupId: `test.${randomUUID()}`,
    topics: [topics.raw.name, deadLetterTopicOf(topics.raw.name)],
    async handle(batch) {
      await registry.prepare(batch.records);
      for (const { value, headers } of batch.records) {
        const decoded = codec.decode(value!);
        if (decoded.messages[0]?.tenant !== tenant) continue;
        if (batch.topic === topics.raw.name) raw.push(decoded);
        else letters.push({ headers: textsOf(headers), batch: decoded });
      }
      batch.settle(batch.records.length);
    },
    onCrash: (error) => expect.unreachable(String(error)),
  });
  await reader.start(signal);
  return reader;
}

function textsOf(headers: object = {}): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

afterAll(async () => {
  await writeConnections();
  await vi.waitFor(async () => expect(await reports()).toEqual([]), patient);
  await consumer.stop();
  await publishConfiguration(devices, nothing, AbortSignal.timeout(10_000));
  await devices.published.close();
  await service.app.close();
  await producer.close();
  await mqtt.endAsync();
  const cleaner = await connectAsync(testAddresses.mqtt, { clientId: plant.clientId, clean: true });
  await cleaner.endAsync();
  await rm(folder, { recursive: true });
}, 60_000);

test('what a device publishes is in the raw topic, in order, before the broker gets its receipt', async () => {
  await vi.waitFor(async () => expect((await report('plant'))?.state).toBe('connected'), patient);
  const numbers = Array.from({ length: 200 }, (_, index) => `${index}`);
  await Promise.all(numbers.map((number) => mqtt.publishAsync(`${tenant}/SN-1/up`, number, { qos: 1 })));
  await vi.waitFor(() => expect(received()).toEqual(numbers), patient);
  const [batch] = raw;
  const origin = {
    ingestor: 'manager-1',
    protocol: 'mqtt',
    connectionId: `${tenant}/plant`,
    epoch: expect.any(Number),
  };
  expect(batch).toMatchObject(origin);
  expect(batch?.messages[0]).toMatchObject({
    tenant,
    deviceUid: 'd1',
    identificationCode: 'SN-1',
    attributes: { topic: `${tenant}/SN-1/up` },
  });
  await vi.waitFor(
    async () => expect(await report('plant')).toMatchObject({ received: 200, acknowledged: 200, unacknowledged: 0 }),
    patient,
  );
});

test('a message of an unknown sender is a dead letter with its bytes, and is accounted for', async () => {
  await mqtt.publishAsync(`${tenant}/SN-2/up`, 'who am I', { qos: 1 });
  await vi.waitFor(() => expect(letters).toHaveLength(1), patient);
  const [letter] = letters;
  expect(letter?.headers).toMatchObject({
    'errors.code': 'unknown_sender',
    'errors.stage': 'client-manager.mqtt',
    'errors.message': expect.stringContaining('SN-2'),
  });
  expect(letter?.batch.messages[0]?.payload.toString()).toBe('who am I');
  await vi.waitFor(async () => expect((await report('plant'))?.unacknowledged).toBe(0), patient);
  const accounting = (await (await fetch(`${service.url}/v1/accounting`)).json()) as AccountingReport;
  const hop = accounting.hops.find((one) => one.hop === 'mqtt');
  expect(hop).toMatchObject({ rejected: { unknown_sender: 1 }, inFlight: 0 });
  expect(hop?.in).toBe((hop?.out ?? 0) + 1);
});

test('the password is on the topic, but nobody can read it there or in the report', async () => {
  const published = devices.published.configuration.connections.get(`${tenant}/plant`);
  expect(published?.passwordSealed?.length).toBeGreaterThan('very secret'.length);
  expect(published?.passwordSealed?.toString('latin1')).not.toContain('very secret');
  expect(JSON.stringify(await reports())).not.toContain('very secret');
});

test('connections are opened, changed and closed as the folder changes, without a restart', async () => {
  const second = { ...plant, connectionId: 'second', clientId: `${tenant}-second` };
  await writeConnections(plant, { ...second, url: 'mqtt://127.0.0.1:1' });
  await vi.waitFor(async () => expect((await report('second'))?.state).toBe('waiting'), patient);
  expect(await report('second')).toMatchObject({ lastError: { code: 'broker_unavailable' } });
  expect((await fetch(`${service.url}/health/ready`)).status).toBe(200);
  await writeConnections(plant, { ...second, subscriptions: [{ topicFilter: `${tenant}/second`, qos: 0 }] });
  await vi.waitFor(async () => expect((await report('second'))?.state).toBe('connected'), patient);
  const { since } = (await report('plant'))!;
  await writeConnections(plant, { ...second, enabled: false });
  await vi.waitFor(async () => expect((await report('second'))?.state).toBe('disabled'), patient);
  await writeConnections(plant);
  await vi.waitFor(async () => expect(await report('second')).toBeUndefined(), patient);
  expect((await report('plant'))?.since).toBe(since);
});

test('what a machine says when it is asked is in the raw topic as JSON, under its device', async () => {
  const holding = Buffer.from([0, 0, 0, 215]);
  const machine = createServer((socket) => void socket.on('error', () => {})).listen(0, '127.0.0.1');
  await once(machine, 'listening');
  void new ModbusTCPServer(machine, { holding });
  const { port } = machine.address() as AddressInfo;
  const entity = { tenant, name: 'Pump', productId: 'pump', deviceUid: 'd1' };
  await writeFile(join(folder, 'products.json'), JSON.stringify([{ tenant, productId: 'pump', name: 'Pump' }]));
  await writeFile(join(folder, 'devices.json'), JSON.stringify([entity]));
  const registers = [{ name: 'temperature', address: 1, type: 'int16', scale: 0.1 }];
  const url = `modbus-tcp://127.0.0.1:${port}`;
  const asked = { tenant, connectionId: 'press', kind: 'modbus-tcp', url, deviceUid: 'd1', intervalMs: 100, registers };
  await writeConnections(plant, asked);
  const polled = () => raw.filter(({ protocol }) => protocol === 'modbus-tcp').flatMap(({ messages }) => messages);
  await vi.waitFor(() => expect(polled().length).toBeGreaterThan(1), patient);
  expect(polled()[0]).toMatchObject({ deviceUid: 'd1', contentType: 'application/json', repeated: false });
  expect(polled()[0]?.payload.toString()).toBe('{"temperature":21.5}');
  expect(Math.abs(polled()[0]!.timeMicros! / 1000 - Date.now())).toBeLessThan(60_000);
  expect(await report('press')).toMatchObject({ state: 'connected', url, lastError: null });
  await writeConnections(plant);
  await vi.waitFor(async () => expect(await report('press')).toBeUndefined(), patient);
  machine.close();
});

test('a folder that became wrong is refused as a whole, and what runs goes on', async () => {
  await writeFile(join(folder, 'connections.json'), '[{"tenant":');
  const refusals = async () =>
    /configurations_refused_total (\d+)/.exec(await (await fetch(`${service.url}/metrics`)).text())?.[1];
  await vi.waitFor(async () => expect(await refusals()).toBe('1'), patient);
  expect((await report('plant'))?.state).toBe('connected');
  await writeConnections(plant);
});
