import { entityKinds } from '@millrace/config';
import { type RawBatch, topics } from '@millrace/contracts';
import { ClaimLog, Fences, KafkaClaims } from '@millrace/ingest';
import { ensureTopics, RecordProducer } from '@millrace/kafka';
import { systemClock } from '@millrace/kernel';
import type { AccountingReport } from '@millrace/observe';
import { startService, type StartedService, topicsOf } from '@millrace/platform';
import { anyDevice, testAddresses } from '@millrace/testkit';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { parserService } from './parser-service.ts';
import { TestStream } from './testing/stream.ts';

const stream = new TestStream();
const { tenant } = stream;
const producer = new RecordProducer(stream.kafka);
const claims = new ClaimLog(new KafkaClaims({ kafka: stream.kafka, registry: stream.registry, producer }), systemClock);
const replayGroup = `${stream.groupId}.replay`;
const waitMsMax = { timeout: 30_000, interval: 20 };
const limit = () => AbortSignal.timeout(20_000);
const connections: string[] = [];
const running: StartedService[] = [];

async function start(group = stream.groupId): Promise<StartedService> {
  const service = await startService(parserService, {
    variables: {
      MILLRACE_KAFKA_BROKERS: testAddresses.kafka,
      MILLRACE_REGISTRY_URL: testAddresses.registry,
      MILLRACE_HTTP_PORT: '0',
      MILLRACE_LOG_LEVEL: 'error',
      MILLRACE_PARSER_GROUP: group,
    },
    onCrash: (error) => {
      throw error;
    },
    signal: limit(),
  });
  running.push(service);
  await vi.waitFor(async () => expect((await fetch(`${service.url}/health/ready`)).status).toBe(200), waitMsMax);
  return service;
}

const stop = () => Promise.all(running.splice(0).map(({ app }) => app.close()));

async function dropped(service: StartedService): Promise<number | undefined> {
  const { hops } = (await (await fetch(`${service.url}/v1/accounting`)).json()) as AccountingReport;
  return hops.find(({ hop }) => hop === 'parse')?.rejected.stale_owner;
}

/** Somebody who owns the connection from now on: what it writes, whether or not it still does. */
async function newOwner(connection: string, shared = false) {
  const connectionId = `${tenant}/${connection}`;
  connections.push(connectionId);
  const epoch = await claims.claim(connectionId, { instance: 'test', shared }, limit());
  const origin = { ingestor: 'test', protocol: 'mqtt', connectionId, epoch };
  const codec = await stream.registry.codec<RawBatch>(topics.raw);
  const offsets = await new Fences({ producer, codec }).write(origin, limit());
  await claims.confirm(connectionId, epoch, offsets, limit());
  return (deviceUid: string, ...numbers: readonly number[]) =>
    stream.send(
      deviceUid,
      numbers.map((n) => Buffer.from(JSON.stringify({ n }))),
      {},
      origin,
    );
}

const valuesOf = (deviceUid: string) => stream.valuesOf(deviceUid, 'n');

beforeAll(async () => {
  await ensureTopics(stream.kafka, topicsOf(parserService), { mayCreate: true });
  await claims.start(limit());
  const product = { tenant, productId: 'json', name: '', scriptId: null, keepRawPayload: false, signals: [] };
  await stream.publish(entityKinds.products, product);
  for (const uid of ['d1', 'd2', 'd3', 'd4', 'other'])
    await stream.publish(entityKinds.devices, anyDevice(tenant, uid, { productId: 'json' }));
  await stream.begin();
  await stream.beginAtEnd(topics.raw, replayGroup);
});
afterEach(stop);
afterAll(async () => {
  await Promise.all(connections.map((key) => claims.remove(key, limit())));
  await claims.stop();
  await producer.close();
  await stream.close();
});

test('what a former owner writes behind the next fence is dropped and counted, what it wrote before is kept in order', async () => {
  const service = await start();
  const former = await newOwner('line-1');
  await former('d1', 0, 1);
  const owner = await newOwner('line-1');
  await former('d1', 100, 101);
  await owner('d1', 2, 3);
  await former('d1', 102);
  await owner('d1', 4);
  await vi.waitFor(() => expect(valuesOf('d1')).toEqual([0, 1, 2, 3, 4]), waitMsMax);
  await vi.waitFor(async () => expect(await dropped(service)).toBe(3), waitMsMax);
  const metrics = await (await fetch(`${service.url}/metrics`)).text();
  expect(metrics).toMatch(/^millrace_parser_stale_messages_dropped_total(\{\})? 3$/m);
  expect(stream.letters).toEqual([]);
});

test('a parser that starts later keeps what was written before the fence, and so it does whatever it lags behind', async () => {
  const former = await newOwner('line-2');
  await former('d2', 0, 1);
  const owner = await newOwner('line-2');
  await former('d2', 100);
  await owner('d2', 2);
  const service = await start();
  await vi.waitFor(() => expect(valuesOf('d2')).toEqual([0, 1, 2]), waitMsMax);
  await vi.waitFor(async () => expect(await dropped(service)).toBe(1), waitMsMax);
});

test('a parser that starts behind the fence knows of it from the claims', async () => {
  await start();
  const former = await newOwner('line-3');
  await former('d3', 0);
  const owner = await newOwner('line-3');
  await owner('d3', 1);
  await vi.waitFor(() => expect(valuesOf('d3')).toEqual([0, 1]), waitMsMax);
  await stop();
  await former('d3', 100);
  await owner('d3', 2);
  const service = await start();
  await vi.waitFor(() => expect(valuesOf('d3')).toEqual([0, 1, 2]), waitMsMax);
  await vi.waitFor(async () => expect(await dropped(service)).toBe(1), waitMsMax);
});

test('what a former owner of a shared subscription writes is parsed', async () => {
  const service = await start();
  const former = await newOwner('line-4', true);
  await newOwner('line-4', true);
  await former('d4', 7);
  await vi.waitFor(() => expect(valuesOf('d4')).toEqual([7]), waitMsMax);
  expect(await dropped(service)).toBeUndefined();
});

test('a fresh parser that reads all of it again decides the same', async () => {
  const before = ['d1', 'd2', 'd3', 'd4'].map((uid) => valuesOf(uid));
  const service = await start(replayGroup);
  await stream.send('other', [Buffer.from('{"n": 1}')]);
  await vi.waitFor(() => expect(valuesOf('other').length).toBeGreaterThan(0), waitMsMax);
  await vi.waitFor(
    () =>
      expect(['d1', 'd2', 'd3', 'd4'].map((uid) => valuesOf(uid))).toEqual(
        before.map((values) => [...values, ...values]),
      ),
    waitMsMax,
  );
  await vi.waitFor(async () => expect(await dropped(service)).toBe(5), waitMsMax);
});
