import { entityKinds } from '@millrace/config';
import { ensureTopics } from '@millrace/kafka';
import type { AccountingReport, HopReport } from '@millrace/observe';
import { startService, type StartedService, topicsOf } from '@millrace/platform';
import { anyDevice, testAddresses } from '@millrace/testkit';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { parserService } from './parser-service.ts';
import { TestStream } from './testing/stream.ts';

const stream = new TestStream();
const { tenant } = stream;
const waitMsMax = { timeout: 30_000, interval: 20 };
const neighbour = Array.from({ length: 100 }, (_, index) => `n${index}`).find(
  (uid) => stream.partitionOf(uid) === stream.partitionOf('s1'),
)!;

const quick = 'const decodeUplink = ({ bytes }) => ({ data: { n: bytes[0] } });';
/** Well below the limit of one call; some of them are too much for one. */
const slow = `function decodeUplink({ bytes }) {
  const end = Date.now() + 25;
  while (Date.now() < end);
  return { data: { n: bytes[0] } };
}`;

let service: StartedService;

const script = (scriptId: string, version: number, source: string) =>
  stream.publish(entityKinds.scripts, { tenant, scriptId, version, language: 'javascript', source });

async function device(deviceUid: string, scriptId: string): Promise<void> {
  const product = { tenant, productId: scriptId, name: '', scriptId, keepRawPayload: false, signals: [] };
  await stream.publish(entityKinds.products, product);
  await stream.publish(entityKinds.devices, anyDevice(tenant, deviceUid, { productId: scriptId }));
}

const numbers = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from }, (_, index) => from + index);
const send = (uid: string, from: number, to: number) =>
  stream.send(
    uid,
    numbers(from, to).map((number) => Buffer.from([number])),
  );

async function hops(): Promise<Readonly<Record<string, HopReport>>> {
  const report = (await (await fetch(`${service.url}/v1/accounting`)).json()) as AccountingReport;
  return Object.fromEntries(report.hops.map((hop) => [hop.hop, hop]));
}

async function parkedDevices(): Promise<number> {
  const text = await (await fetch(`${service.url}/metrics`)).text();
  return Number(/^millrace_parser_parked_devices (\d+)$/m.exec(text)?.[1]);
}

beforeAll(async () => {
  await ensureTopics(stream.kafka, topicsOf(parserService), { mayCreate: true });
  await script('quick', 1, quick);
  await script('slow', 1, slow);
  await device('s1', 'slow');
  await device(neighbour, 'quick');
  await stream.begin();
  await start();
});

async function start(): Promise<void> {
  service = await startService(parserService, {
    variables: {
      MILLRACE_KAFKA_BROKERS: testAddresses.kafka,
      MILLRACE_REGISTRY_URL: testAddresses.registry,
      MILLRACE_HTTP_PORT: '0',
      MILLRACE_LOG_LEVEL: 'error',
      MILLRACE_PARSER_GROUP: stream.groupId,
    },
    onCrash: (error) => {
      throw error;
    },
    signal: AbortSignal.timeout(30_000),
  });
  await vi.waitFor(async () => expect((await fetch(`${service.url}/health/ready`)).status).toBe(200), waitMsMax);
}

afterAll(async () => {
  await service?.app.close();
  await stream.close();
});

test('a device whose script is slow is parked, holds up no other one of its partition, keeps its order and returns', async () => {
  await send('s1', 0, 60);
  await send(neighbour, 0, 5);
  await vi.waitFor(async () => expect(await parkedDevices()).toBe(1), waitMsMax);
  await send('s1', 60, 70);
  await vi.waitFor(() => expect(stream.valuesOf('s1', 'n')).toEqual(numbers(0, 70)), waitMsMax);
  expect(stream.valuesOf(neighbour, 'n')).toEqual(numbers(0, 5));
  const order = stream.points.map(({ list }) => list.deviceUid);
  expect(order.indexOf(neighbour)).toBeLessThan(order.lastIndexOf('s1'));
  await vi.waitFor(async () => expect(await parkedDevices()).toBe(0), waitMsMax);
  const { parse, 'parse-parked': parked } = await hops();
  expect(parse).toMatchObject({ in: 75, out: 75 - parked!.in, parked: parked!.in, inFlight: 0 });
  expect(parked).toMatchObject({ out: parked!.in, deadLettered: 0, inFlight: 0 });
  await script('slow', 2, quick);
  await vi.waitFor(async () => {
    await send('s1', 99, 100);
    expect(stream.points.at(-1)?.list.scriptVersion).toBe('slow@2');
  }, waitMsMax);
  const after = await hops();
  await send('s1', 100, 103);
  await vi.waitFor(() => expect(stream.valuesOf('s1', 'n').slice(-3)).toEqual(numbers(100, 103)), waitMsMax);
  expect((await hops())['parse-parked']!.in).toBe(after['parse-parked']!.in);
  expect(stream.letters).toEqual([]);
});

test('a tenant that has used up its CPU time waits for more, in order, also behind a parser that starts anew', async () => {
  await script('slow', 3, slow);
  await vi.waitFor(async () => {
    await send('s1', 150, 151);
    expect(stream.points.at(-1)?.list.scriptVersion).toBe('slow@3');
  }, waitMsMax);
  await vi.waitFor(async () => expect(await parkedDevices()).toBe(0), waitMsMax);
  const entry = stream.entry('active');
  await stream.publish(entityKinds.tenants, { ...entry, quotas: { ...entry.quotas!, scriptCpuMsPerSecond: 1 } });
  await vi.waitFor(async () => {
    await send('s1', 160, 161);
    expect(await parkedDevices()).toBe(1);
  }, waitMsMax);
  const before = stream.valuesOf(neighbour, 'n').length;
  await send(neighbour, 10, 30);
  await vi.waitFor(async () => expect(await parkedDevices()).toBe(2), waitMsMax);
  const text = await (await fetch(`${service.url}/metrics`)).text();
  expect(text).toContain(`millrace_quota_held_off_messages_total{tenant="${tenant}",quota="scriptCpuMsPerSecond"}`);
  expect(stream.valuesOf(neighbour, 'n')).toHaveLength(before);
  await service.app.close();
  await start();
  await send(neighbour, 30, 35);
  await vi.waitFor(async () => expect(await parkedDevices()).toBe(2), waitMsMax);
  await stream.publish(entityKinds.tenants, entry);
  await vi.waitFor(() => expect(stream.valuesOf(neighbour, 'n').slice(before)).toEqual(numbers(10, 35)), waitMsMax);
  await vi.waitFor(async () => expect(await parkedDevices()).toBe(0), waitMsMax);
});
