import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { MillraceError, type Topic } from '@millrace/contracts';
import { createKafka, type RecordBatch, RecordProducer } from '@millrace/kafka';
import { testAddresses } from '@millrace/testkit';
import { Controller, Get, Inject, Injectable, Module } from '@nestjs/common';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { OnBatch } from './on-batch.ts';
import { startService, type StartedService } from './start-service.ts';
import { Readiness } from './readiness.ts';
import { SERVICE_ENVIRONMENT } from './tokens.ts';
import * as z from 'zod';

const topic: Topic = {
  name: `test.${randomUUID().slice(0, 8)}.v1`,
  key: 'entity id',
  partitions: 2,
  retention: 1,
  owner: 'api',
  audience: 'internal',
  schema: false,
};
const purpose = randomUUID();

@Injectable()
class Work {
  readonly seen: string[] = [];
  handle = (_batch: RecordBatch): Promise<void> => Promise.resolve();
}

@Controller('v1/things')
class Things {
  readonly #work: Work;
  readonly #environment: { readonly MILLRACE_TEST_WORD: string };

  constructor(work: Work, @Inject(SERVICE_ENVIRONMENT) environment: { readonly MILLRACE_TEST_WORD: string }) {
    this.#work = work;
    this.#environment = environment;
  }

  @OnBatch(topic, { purpose, waitMsMax: 50 })
  async count(batch: RecordBatch): Promise<void> {
    await this.#work.handle(batch);
    this.#work.seen.push(...batch.records.map(({ value }) => String(value)));
    batch.settle(batch.records.length);
  }

  @Get('word')
  word(): string {
    return this.#environment.MILLRACE_TEST_WORD;
  }

  @Get('full')
  full(): never {
    throw new MillraceError('overloaded', 'Try later.');
  }
}

@Module({ controllers: [Things], providers: [Work] })
class ThingsModule {}

const variables = {
  MILLRACE_KAFKA_BROKERS: testAddresses.kafka,
  MILLRACE_REGISTRY_URL: testAddresses.registry,
  MILLRACE_HTTP_PORT: '0',
  MILLRACE_LOG_LEVEL: 'error',
  MILLRACE_TEST_WORD: 'hello',
};

const definition = {
  name: 'parser' as const,
  module: ThingsModule,
  environment: { MILLRACE_TEST_WORD: z.string() },
  topics: [topic],
};

afterAll(async () => {
  const admin = createKafka({ brokers: [testAddresses.kafka], clientId: 'test' })
    .newClient()
    .admin();
  await admin.deleteTopics({ topics: [topic.name] });
  await admin.disconnect();
});

let service: StartedService | undefined;
afterEach(async () => {
  await service?.app.close();
  service = undefined;
});

async function start(onCrash: (error: unknown) => void = () => undefined): Promise<StartedService> {
  service = await startService(definition, { variables, onCrash, signal: new AbortController().signal });
  return service;
}

async function send(...values: readonly string[]): Promise<void> {
  const producer = new RecordProducer(createKafka({ brokers: [testAddresses.kafka], clientId: 'test' }));
  await producer.send(
    values.map((value) => ({ topic: topic.name, partition: 0, key: null, value: Buffer.from(value) })),
  );
  await producer.close();
}

test('a service answers for its health, its metrics and its accounting, and consumes', async () => {
  const { app, url } = await start();
  await send('a', 'b');
  await vi.waitFor(() => expect(app.get(Work).seen).toEqual(['a', 'b']), 10_000);
  expect(await (await fetch(`${url}/health/live`)).json()).toEqual({ live: true });
  expect(await (await fetch(`${url}/health/ready`)).json()).toEqual({ ready: true, reasons: {} });
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const labels = `group="millrace.parser.${purpose}",topic="${topic.name}"`;
  expect(metrics).toContain(`millrace_consumer_batch_records_sum{${labels}} 2`);
  expect(metrics).toContain(`millrace_consumer_lag_seconds{${labels},partition="0"} 0`);
  expect(metrics).toContain('millrace_service_ready_state 1');
  expect(await (await fetch(`${url}/v1/accounting`)).json()).toMatchObject({ service: 'parser', hops: [] });
  expect(await (await fetch(`${url}/v1/things/word`)).text()).toBe('hello');
});

test('a service that waits for Kafka lives, is not ready and says why, and ends when it is told to', async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const giveUp = new AbortController();
  const nowhere = { ...variables, MILLRACE_KAFKA_BROKERS: '127.0.0.1:1', MILLRACE_HTTP_PORT: String(port) };
  const starting = startService(definition, { variables: nowhere, onCrash: () => undefined, signal: giveUp.signal });
  await vi.waitFor(async () => expect(await (await fetch(`${url}/health/live`)).json()).toEqual({ live: true }), 5_000);
  const ready = await fetch(`${url}/health/ready`);
  expect(ready.status).toBe(503);
  const reason = 'The service is starting: it waits for Kafka and its topics.';
  expect(await ready.json()).toEqual({ ready: false, reasons: { service: reason } });
  expect(await (await fetch(`${url}/metrics`)).text()).toContain('millrace_service_ready_state 0');
  const early = await fetch(`${url}/v1/things/word`);
  expect([early.status, await early.json()]).toEqual([503, expect.objectContaining({ code: 'not_ready' })]);
  expect((await fetch(`${url}//`)).status).toBe(503);
  giveUp.abort(new Error('Enough.'));
  await expect(starting).rejects.toThrow();
  await expect(fetch(`${url}/health/live`)).rejects.toThrow();
});

test('a named check that fails makes the service not ready and says why', async () => {
  const { app, url } = await start();
  app.get(Readiness).add('store', () => 'QuestDB does not answer.');
  const response = await fetch(`${url}/health/ready`);
  expect(response.status).toBe(503);
  expect(await response.json()).toEqual({ ready: false, reasons: { store: 'QuestDB does not answer.' } });
});

test('errors leave as problem details', async () => {
  const { url } = await start();
  const full = await fetch(`${url}/v1/things/full`);
  expect(full.headers.get('content-type')).toContain('application/problem+json');
  expect(full.headers.get('retry-after')).toBe('1');
  expect(await full.json()).toMatchObject({ status: 503, code: 'overloaded', retry: 'later', detail: 'Try later.' });
  const missing = await fetch(`${url}/nowhere`);
  expect(await missing.json()).toMatchObject({ status: 404, code: 'not_found' });
});

test('closing waits for the batch in flight while health still answers, and commits it', async () => {
  const { app, url } = await start();
  const work = app.get(Work);
  const release = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  work.handle = async () => {
    begun.resolve();
    await release.promise;
  };
  await send('c');
  await begun.promise;
  const closing = app.close();
  await vi.waitFor(async () => expect((await fetch(`${url}/health/ready`)).status).toBe(503), 5_000);
  expect(work.seen).toEqual([]);
  release.resolve();
  await closing;
  expect(work.seen).toEqual(['c']);
  service = undefined;
  const again = await start();
  await send('d');
  await vi.waitFor(() => expect(again.app.get(Work).seen).toEqual(['d']), 10_000);
});

test("a handler's defect reaches the process with the error it threw", async () => {
  const crash = vi.fn<(error: unknown) => void>();
  const { app, url } = await start(crash);
  const defect = new TypeError('x is not a function');
  app.get(Work).handle = () => Promise.reject(defect);
  await send('e');
  await vi.waitFor(() => expect(crash).toHaveBeenCalledWith(defect), 10_000);
  expect((await fetch(`${url}/health/ready`)).status).toBe(503);
});

test('an unknown variable stops the start with a sentence that names it', async () => {
  const without = { name: 'parser' as const, module: ThingsModule, topics: [] };
  const options = { variables, onCrash: () => undefined, signal: new AbortController().signal };
  await expect(startService(without, options)).rejects.toThrow('MILLRACE_TEST_WORD');
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
