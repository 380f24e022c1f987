/** The statistics scheduler against the real Kafka, registry, QuestDB and Redis. */
import { randomUUID } from 'node:crypto';
import type { StatisticResult } from '@millrace/contracts';
import { ensureTopics } from '@millrace/kafka';
import { startService, type StartedService, topicsOf } from '@millrace/platform';
import { testAddresses } from '@millrace/testkit';
import { Queue } from 'bullmq';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { failedResult } from './result-records.ts';
import { statisticsSchedulerService } from './statistics-scheduler-service.ts';
import { statisticOf } from './testing/statistics.ts';
import { TestStream } from './testing/stream.ts';

const stream = new TestStream();
const devices = ['oven-1', 'oven-2'];
const queueName = `test-${randomUUID()}`;
const within = { timeout: 20_000, interval: 50 };
const hour = 3_600_000;
/** The window that ended last: what a new statistic begins with. The next one ends half an hour after the test. */
const endMs = Math.floor((Date.now() - hour / 2) / 60_000) * 60_000;
const cron = `${new Date(endMs).getUTCMinutes()} * * * *`;
const inWindow = (minute: number): number => endMs - hour + minute * 60_000;
const defined = new Set<string>();
let services: StartedService[] = [];

async function start(): Promise<StartedService> {
  const service = await startService(statisticsSchedulerService, {
    variables: {
      MILLRACE_KAFKA_BROKERS: testAddresses.kafka,
      MILLRACE_REGISTRY_URL: testAddresses.registry,
      MILLRACE_HTTP_PORT: '0',
      MILLRACE_LOG_LEVEL: 'error',
      MILLRACE_QUESTDB_URL: testAddresses.questdb,
      MILLRACE_REDIS_URL: testAddresses.redis,
      MILLRACE_STATISTICS_QUEUE: queueName,
    },
    onCrash: (error) => {
      throw error;
    },
    signal: AbortSignal.timeout(30_000),
  });
  services.push(service);
  await vi.waitFor(async () => expect((await fetch(`${service.url}/health/ready`)).status).toBe(200), within);
  return service;
}

async function define(statisticId: string, rest: Parameters<TestStream['define']>[0]): Promise<void> {
  defined.add(statisticId);
  await stream.define({ statisticId, cron, ...rest });
}

/** One result per device, in the order of the devices. */
async function resultsOf(statisticId: string, count = devices.length): Promise<readonly StatisticResult[]> {
  await vi.waitFor(() => expect(stream.resultsOf(statisticId)).toHaveLength(count), within);
  return stream.resultsOf(statisticId).toSorted((a, b) => (`${a.deviceUid}` < `${b.deviceUid}` ? -1 : 1));
}

beforeAll(async () => {
  await ensureTopics(stream.kafka, topicsOf(statisticsSchedulerService), { mayCreate: true });
  await stream.begin(devices);
  await stream.storePoints('oven-1', 'temperature', {
    [inWindow(-1)]: 1_000,
    [inWindow(0)]: 10,
    [inWindow(30)]: 20,
    [endMs]: 1_000,
  });
  await stream.storePoints('oven-1', 'temperature', { [inWindow(10)]: 1_000 }, `${stream.tenant}x`);
  await stream.storePoints('oven-1', 'pressure', { [inWindow(5)]: 3 });
});

afterEach(async () => {
  await Promise.all(services.map(({ app }) => app.close()));
  services = [];
});

afterAll(async () => {
  const queue = new Queue(queueName, { connection: { url: testAddresses.redis }, prefix: 'millrace' });
  await queue.obliterate({ force: true });
  await queue.close();
  await stream.end(devices, [...defined]);
});

test("a new statistic has a result for the window that ended last, of each device and of the tenant's own points", async () => {
  await start();
  await define('mean', {});
  const [first, second] = await resultsOf('mean');
  expect(first).toMatchObject({
    tenant: stream.tenant,
    deviceUid: 'oven-1',
    windowStartMicros: (endMs - hour) * 1_000,
    windowEndMicros: endMs * 1_000,
    status: 'computed',
    inputPoints: 2,
    scriptVersion: '',
  });
  expect(first?.values).toMatchObject([{ name: 'mean', value: 15 }]);
  expect(second).toMatchObject({ deviceUid: 'oven-2', status: 'computed', inputPoints: 0 });
  expect(second?.values).toMatchObject([{ name: 'mean', value: null }]);
});

test('a script gets the points of its inputs and names its values', async () => {
  await start();
  await stream.script(
    'spread',
    'const evaluate = ({ inputs: { t, p } }) => ({ sum: t.length + p.length, p: p[0]?.value });',
  );
  await define('spread', {
    aggregation: null,
    scriptId: 'spread',
    inputs: [
      { name: 't', signal: 'temperature' },
      { name: 'p', signal: 'pressure' },
    ],
  });
  const [first] = await resultsOf('spread');
  expect(first).toMatchObject({ status: 'computed', inputPoints: 3, scriptVersion: 'spread@3' });
  expect(first?.values).toMatchObject([
    { name: 'sum', value: 3 },
    { name: 'p', value: 3 },
  ]);
});

test('a script that throws for one device costs the result of that device, which says why', async () => {
  const service = await start();
  await stream.script('strict', 'const evaluate = ({ inputs: { input } }) => input[0].value;');
  await define('strict', { aggregation: null, scriptId: 'strict' });
  const [first, second] = await resultsOf('strict');
  expect(first).toMatchObject({ status: 'computed', errorCode: '' });
  expect(second).toMatchObject({ status: 'failed', values: [], errorCode: 'script_threw' });
  expect(second?.errorDetail).toMatch(/undefined/);
  expect(await metric(service, 'results_failed_total')).toBe(1);
});

test('two instances and a restart evaluate each window once', async () => {
  await Promise.all([start(), start()]);
  await define('once', {});
  await resultsOf('once');
  await start();
  await define('after', {});
  await resultsOf('after');
  expect(stream.resultsOf('once')).toHaveLength(devices.length);
});

test('windows that ended while no scheduler ran are evaluated when one starts', async () => {
  const { tenant } = stream;
  const definition = statisticOf({ tenant, statisticId: 'missed' });
  const window = { startMs: endMs - 4 * hour, endMs: endMs - 3 * hour };
  const context = { definition, window, scriptVersion: '', computedAtMicros: 0 };
  await stream.storeResult(failedResult(context, 'oven-1', 0, { code: 'script_threw', detail: 'Before the outage.' }));
  await define('missed', { deviceUids: ['oven-1'], productId: null });
  await start();
  const ends = (await resultsOf('missed', 3)).map(({ windowEndMicros }) => endMs - windowEndMicros / 1_000);
  expect(ends.toSorted((a, b) => b - a)).toEqual([2 * hour, hour, 0]);
});

test('a window is evaluated when its grace is over, by the schedule', async () => {
  await start();
  await define('often', { cron: '*/2 * * * * *', graceSeconds: 1, deviceUids: ['oven-1'], productId: null });
  await vi.waitFor(() => expect(stream.resultsOf('often').length).toBeGreaterThan(2), within);
  const results = stream.resultsOf('often');
  const ends = results.map(({ windowEndMicros }) => windowEndMicros);
  expect(ends).toEqual(ends.map((_, index) => ends[0]! + index * 2_000_000));
  for (const { computedAtMicros, windowEndMicros } of results)
    expect(computedAtMicros - windowEndMicros).toBeGreaterThanOrEqual(1_000_000);
});

async function metric({ url }: StartedService, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^millrace_statistics_scheduler_${name} (\\d+)`, 'm').exec(text)?.[1]);
}
