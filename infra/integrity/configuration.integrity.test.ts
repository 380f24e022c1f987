/**
 * Promises: a change of the configuration is live in every service within a second; a configuration topic that lost its
 * records is brought back with the next change, and no service has to be started anew; and thousands of devices are imported, found,
 * asked for and followed in the times that the benchmark of the api measures.
 */
import { join } from 'node:path';
import { topics } from '@millrace/contracts';
import { createKafka, ensureTopics } from '@millrace/kafka';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { measureApi } from '../bench/api/api-bench.ts';
import { apiReportText, isWhole } from '../bench/api/api-report.ts';
import { fleetConfiguration } from '../bench/api/fleet.ts';
import { newKey, subjectOf } from '../bench/api/subject.ts';
import { apiOf, applyConfiguration } from '../configure/apply-configuration.ts';
import { writeConfiguration } from '../configure/written-configuration.ts';
import { deviceUids, httpTenant, script } from './plant.ts';
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

test('a change is live everywhere within a second of its acknowledgement, also that of a script', async () => {
  const tookMs: number[] = [];
  for (let change = 0; change < changes; change += 1) {
    const position =
      change % 2 === 0
        ? await changed('PATCH', `devices/${kept}`, { name: `change ${change}` })
        : await changed('PATCH', 'scripts/machine', { source: `${script} // change ${change}` });
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

  await becomesLive(await changed('DELETE', `devices/${gone}`));
  expect([await statusOf(gone), await statusOf(kept)]).toEqual([404, 200]);
  expect(await deviceCount()).toBe(deviceUids.length - 1);
}, 60_000);

test('2,000 devices are imported, listed, found, asked for and followed live, each within ten times its aim', async () => {
  const { keyId, key } = newKey();
  const folder = writeConfiguration(join(plant.stack.dataDir, 'bench-config'), fleetConfiguration(keyId, key));
  await applyConfiguration(apiOf(plant.stack), folder, { prune: false });
  const few = { clients: 4, seconds: 0.1, historyMessages: 20, changes: 3 };
  const options = { ...few, devices: 2_000, readers: 50, slowReaders: 2, liveSeconds: 1 };
  const { signal } = new AbortController();
  const report = await measureApi(subjectOf(plant.stack, key), options, signal, (text) =>
    console.log(performance.now() | 0, text),
  );
  const text = apiReportText(report);

  expect(isWhole(report), text).toBe(true);
  const { imports, memory, feed, questions, changes: changed, live } = report;
  expect(imports.map((one) => [one.rows, one.created, one.changed, one.unchanged])).toEqual([
    [2_000, 2_000, 0, 0],
    [2_000, 0, 0, 2_000],
    [1_000, 0, 0, 1_000],
    [2_000, 0, 2_000, 0],
  ]);
  expect(Math.max(...imports.map(({ liveAfterSeconds }) => liveAfterSeconds ?? 0)), text).toBeLessThan(10);
  expect(Math.min(...imports.map(({ rowsPerSecond }) => rowsPerSecond)), text).toBeGreaterThan(300);
  expect(memory.map(({ name }) => name)).toEqual(expect.arrayContaining(['api', 'gateway', 'postgres', 'historian']));
  expect(feed.devicesWithValues).toBe(2_000);
  expect(questions).toHaveLength(18);
  for (const { answered, p99Ms, aimMs } of questions) {
    expect(answered, text).toBeGreaterThan(0);
    if (aimMs !== null) expect(p99Ms, text).toBeLessThan(10 * aimMs);
  }
  expect(changed.liveAfterAnswerMs.max, text).toBeLessThan(10_000);
  expect(live.eventsDelivered, text).toBeGreaterThan(0);
  expect(live.latencyMs.p99, text).toBeLessThan(10 * 300);
  expect(live.apiMicrosPerEvent, text).toBeLessThan(10 * 20);
  expect(live.slow.missedPoints, text).toBeGreaterThan(0);
  expect(live.slow.gapsTold, text).toBeGreaterThan(0);
  for (const { name } of [...imports, ...memory, ...questions]) expect(text).toContain(`  ${name} `);
}, 120_000);

/** Of a tenant of the plant, at this path; gives the position of the change. */
async function changed(method: string, path: string, body?: object): Promise<string> {
  const { url, key } = apiOf(plant.stack);
  const response = await fetch(`${url}/v1/${path}`, {
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
