/**
 * Promises: a change of the configuration is live in every service within a second; a configuration topic that lost its
 * records is brought back by publishing again, and no service has to be started anew.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { entityKinds } from '@millrace/config';
import { type DeviceConfig, type PublishedPosition, topics } from '@millrace/contracts';
import { connectRegistry, createKafka, ensureTopics, RecordProducer } from '@millrace/kafka';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { deviceUids, httpTenant, mqttTenant } from './plant.ts';
import { type PlantStack, startPlant } from './plant-stack.ts';

interface Propagation {
  readonly live: boolean;
  readonly publishedAt: string | null;
  readonly services: readonly { readonly service: string; readonly instance: string; readonly live: boolean }[];
}

const changes = Number(process.env['MILLRACE_TEST_CONFIGURATION_CHANGES'] ?? 25);
const { configDevices, configPublished } = topics;
const [gone = '', kept = ''] = deviceUids;
let plant: PlantStack;

beforeAll(async () => {
  plant = await startPlant();
}, 240_000);

afterAll(() => plant?.stop(), 60_000);

test('every service that is ready says how far it has applied the configuration', async () => {
  const services = ['alarm-evaluator', 'api', 'client-manager', 'gateway', 'historian', 'notifier', 'parser'];
  await vi.waitFor(async () => {
    const answer = await propagation('?wait=1000');
    expect(answer.services.map(({ service }) => service)).toEqual([...services, 'statistics-scheduler']);
    expect(answer.live).toBe(true);
  }, 10_000);
});

test('a change is live everywhere within a second of its acknowledgement', async () => {
  const kafka = createKafka({ brokers: [plant.stack.address('kafka')], clientId: 'test' });
  const registry = connectRegistry({ url: plant.stack.address('registry') });
  const devices = await registry.codec<DeviceConfig>(configDevices);
  const marks = await registry.codec<PublishedPosition>(configPublished);
  const producer = new RecordProducer(kafka);
  const tookMs: number[] = [];
  for (let change = 0; change < changes; change += 1) {
    const device = deviceOf(`extra-${change % 5}`);
    const [key, value] = [entityKinds.devices.keyOf(device), devices.encode(device)];
    const receipt = await producer.send([{ topic: configDevices.name, partition: 0, key, value }]);
    const offset = Number(receipt.lastOffset(configDevices.name, 0));
    const mark = { topic: configDevices.name, partition: 0, offset, publishedAtMicros: Date.now() * 1_000 };
    const markKey = `${configDevices.name}/0`;
    await producer.send([{ topic: configPublished.name, partition: 0, key: markKey, value: marks.encode(mark) }]);
    const acknowledgedMs = performance.now();
    await becomesLive(mark.publishedAtMicros);
    tookMs.push(performance.now() - acknowledgedMs);
  }
  await producer.close();
  tookMs.sort((a, b) => a - b);
  expect(tookMs[Math.floor(changes / 2)]).toBeLessThan(500);
  expect(tookMs.at(-1)).toBeLessThan(1_000);
}, 120_000);

test('a topic that was deleted and made anew is brought back, and running services have what is published then', async () => {
  expect([await statusOf(gone), await statusOf(kept)]).toEqual([200, 200]);
  const kafka = createKafka({ brokers: [plant.stack.address('kafka')], clientId: 'test' });
  const admin = kafka.newClient().admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [configDevices.name] });
  await ensureTopics(kafka, [configDevices], { mayCreate: true });
  await admin.disconnect();
  const followers = [
    'alarm-evaluator',
    'api',
    'client-manager',
    'gateway',
    'notifier',
    'parser',
    'statistics-scheduler',
  ];
  await vi.waitFor(async () => {
    const { services } = await propagation();
    expect(services.filter(({ live }) => !live).map(({ service }) => service)).toEqual(followers);
  }, 20_000);
  expect([await statusOf(gone), await statusOf(kept)]).toEqual([200, 200]);

  const tenants = [httpTenant, mqttTenant];
  const left = deviceUids.filter((deviceUid) => deviceUid !== gone);
  const devices = tenants.flatMap((tenant) => left.map((deviceUid) => ({ tenant, deviceUid, productId: 'machine' })));
  const publishedMicros = Date.now() * 1_000;
  writeFileSync(join(plant.configDir, 'devices.json'), JSON.stringify(devices), { mode: 0o600 });
  await becomesLive(publishedMicros);
  expect([await statusOf(gone), await statusOf(kept)]).toEqual([404, 200]);
  expect(await deviceCount()).toBe(left.length);
}, 60_000);

/** What was published at that time or later is live. */
async function becomesLive(publishedMicros: number): Promise<void> {
  await vi.waitUntil(
    async () => {
      const { live, publishedAt } = await propagation('?wait=10000');
      return live && Date.parse(publishedAt ?? '') * 1_000 >= publishedMicros;
    },
    { timeout: 20_000, interval: 1 },
  );
}

function propagation(query = ''): Promise<Propagation> {
  return ask<Propagation>(`/v1/config/propagation${query}`);
}

async function deviceCount(): Promise<number> {
  return (await ask<{ devices: readonly unknown[] }>('/v1/devices')).devices.length;
}

/** 200 while the api knows the device. */
async function statusOf(deviceUid: string): Promise<number> {
  return (await get(`/v1/devices/${deviceUid}/latest`)).status;
}

async function ask<T>(path: string): Promise<T> {
  return (await (await get(path)).json()) as T;
}

function get(path: string): Promise<Response> {
  const url = `http://127.0.0.1:${plant.stack.port('api-1')}${path}`;
  return fetch(url, { headers: { authorization: `Bearer ${plant.apiKey}` } });
}

function deviceOf(deviceUid: string): DeviceConfig {
  const device = { tenant: httpTenant, deviceUid, identificationCode: null, productId: 'machine', name: '' };
  return { ...device, state: 'active', attributes: {}, passwordHashes: [] };
}
