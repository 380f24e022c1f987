/**
 * Promises: a change of the configuration is live in every service within a second; a configuration topic that lost its
 * records is brought back with the next change, and no service has to be started anew.
 */
import { topics } from '@millrace/contracts';
import { createKafka, ensureTopics } from '@millrace/kafka';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { apiOf } from '../configure/apply-configuration.ts';
import { deviceUids, httpTenant } from './plant.ts';
import { type PlantStack, startPlant } from './plant-stack.ts';

interface Propagation {
  readonly live: boolean;
  readonly publishedAt: string | null;
  readonly services: readonly { readonly service: string; readonly instance: string; readonly live: boolean }[];
}

const changes = Number(process.env['MILLRACE_TEST_CONFIGURATION_CHANGES'] ?? 25);
const { configDevices } = topics;
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
  const tookMs: number[] = [];
  for (let change = 0; change < changes; change += 1) {
    const position = await changed('PATCH', kept, { name: `change ${change}` });
    const acknowledgedMs = performance.now();
    await becomesLive(position);
    tookMs.push(performance.now() - acknowledgedMs);
  }
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

  await becomesLive(await changed('DELETE', gone));
  expect([await statusOf(gone), await statusOf(kept)]).toEqual([404, 200]);
  expect(await deviceCount()).toBe(deviceUids.length - 1);
}, 60_000);

/** Of a device of the plant; gives the position of the change. */
async function changed(method: string, deviceUid: string, body?: object): Promise<string> {
  const { url, key } = apiOf(plant.stack);
  const response = await fetch(`${url}/v1/devices/${deviceUid}`, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      'millrace-tenant': httpTenant,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  expect(response.ok, await response.text()).toBe(true);
  return response.headers.get('millrace-position') ?? '';
}

async function becomesLive(position: string): Promise<void> {
  await vi.waitUntil(async () => (await propagation(`?position=${position}&wait=10000`)).live, {
    timeout: 30_000,
    interval: 1,
  });
}

function propagation(query = ''): Promise<Propagation> {
  return ask<Propagation>(`/v1/config/propagation${query}`);
}

async function deviceCount(): Promise<number> {
  return (await ask<{ items: readonly unknown[] }>('/v1/devices')).items.length;
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
