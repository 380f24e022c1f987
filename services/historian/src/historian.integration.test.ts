/** The historian against the real Kafka, registry, QuestDB and Redis: everything is stored once, whatever is away. */
import type { AlarmEvent, StatisticResult } from '@millrace/contracts';
import { ensureTopics } from '@millrace/kafka';
import { startService, type StartedService, topicsOf } from '@millrace/platform';
import { testAddresses } from '@millrace/testkit';
import { connectRedis, LatestValues, QuestDb } from '@millrace/timeseries';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { historianService } from './historian-service.ts';
import { CuttableProxy } from './testing/cuttable-proxy.ts';
import { TestStream } from './testing/stream.ts';
import { dataRowList } from './testing/test-batch.ts';

/** A database of this file alone: the mark of completeness belongs to a database. */
const redisUrl = `${testAddresses.redis}/10`;
const redis = connectRedis(redisUrl);
const latest = new LatestValues(redis);
const store = new QuestDb(testAddresses.questdb);
const proxy = new CuttableProxy(testAddresses.questdb);
const stream = new TestStream();
const { tenant, table } = stream;
const within = { timeout: 30_000, interval: 50 };
const crashes: unknown[] = [];
let service: StartedService;

beforeAll(async () => {
  await vi.waitFor(() => redis.flushdb(), within);
  await ensureTopics(stream.kafka, topicsOf(historianService), { mayCreate: true });
  await stream.begin();
  await proxy.open();
  service = await startService(historianService, {
    variables: {
      MILLRACE_KAFKA_BROKERS: testAddresses.kafka,
      MILLRACE_REGISTRY_URL: testAddresses.registry,
      MILLRACE_HTTP_PORT: '0',
      MILLRACE_LOG_LEVEL: 'error',
      MILLRACE_QUESTDB_URL: proxy.url,
      MILLRACE_REDIS_URL: redisUrl,
      MILLRACE_HISTORIAN_GROUP: stream.groupId,
    },
    onCrash: (error) => crashes.push(error),
    signal: AbortSignal.timeout(30_000),
  });
  await vi.waitFor(async () => expect((await fetch(`${service.url}/health/ready`)).status).toBe(200), within);
}, 60_000);

afterAll(async () => {
  await service.app.close();
  proxy.shut();
  await store.query(`DROP TABLE IF EXISTS ${table}`);
  await redis.flushdb();
  redis.disconnect();
  store.close();
  await stream.close();
  expect(crashes).toEqual([]);
});

/** Stored rows of a device as `time value`, in order of time. */
async function rowsOf(deviceUid: string): Promise<readonly string[]> {
  const statement = `SELECT cast(ts AS LONG), value FROM ${table} WHERE device = '${deviceUid}' ORDER BY ts`;
  return (await store.query(statement)).map(([time, value]) => `${time} ${value}`);
}

const latestOf = async (deviceUid: string) => (await latest.read(tenant, deviceUid)).get('temperature')?.value;
const listAt = (timeMicros: number, value: number) => dataRowList({ tenant, timeMicros }, { value });
const nowMicros = () => Date.now() * 1_000;
const at = (timeMicros: number, value: number) => ({ timeMicros, rows: listAt(timeMicros, value).rows });
const committed = (deviceUid: string) =>
  vi.waitFor(async () => expect(await stream.uncommitted(deviceUid)).toBe(0n), within);

test('points become rows, once though they come twice, and the newest becomes the latest value', async () => {
  const start = nowMicros();
  await stream.send('pump-1', at(start, 1), at(start + 2, 3), at(start + 1, 2), at(start, 1));
  const expected = [`${start} 1`, `${start + 1} 2`, `${start + 2} 3`];
  await vi.waitFor(async () => expect(await rowsOf('pump-1')).toEqual(expected), within);
  await vi.waitFor(async () => expect(await latestOf('pump-1')).toBe(3), within);
  await committed('pump-1');
});

test('a record that is no list and a list that QuestDB refuses become dead letters, the others rows', async () => {
  const start = nowMicros();
  const refused = { timeMicros: start, rows: dataRowList({}, { quality: 1_000 }).rows };
  await stream.send('pump-2', at(start, 1), 'garbage', refused, at(start + 1, 2));
  await vi.waitFor(async () => expect(await rowsOf('pump-2')).toEqual([`${start} 1`, `${start + 1} 2`]), within);
  await vi.waitFor(() => expect(stream.putAside).toHaveLength(2), within);
  expect(stream.putAside.map(({ code }) => code)).toEqual(['undecodable_record', 'row_rejected']);
  expect(stream.putAside[0]?.value).toEqual(Buffer.from('garbage'));
  await committed('pump-2');
});

test('rows of five hours ago are stored a little later, and only then committed', async () => {
  const start = nowMicros();
  const old = start - 5 * 3_600_000_000;
  await stream.send('pump-3', at(start, 1));
  await vi.waitFor(async () => expect(await rowsOf('pump-3')).toHaveLength(1), within);
  await stream.send('pump-3', at(old, 0), at(old + 1, 0));
  await stream.send('pump-3', at(start + 1, 2));
  await vi.waitFor(async () => expect(await rowsOf('pump-3')).toEqual([`${start} 1`, `${start + 1} 2`]), within);
  expect(await stream.uncommitted('pump-3')).toBeGreaterThan(0n);
  await vi.waitFor(async () => expect(await rowsOf('pump-3')).toHaveLength(4), within);
  await committed('pump-3');
});

test('while QuestDB is away nothing is lost or committed and the process lives; all is stored when it is back', async () => {
  const start = nowMicros();
  proxy.shut();
  for (let index = 0; index < 20; index += 1) await stream.send('pump-4', at(start + index, index));
  await vi.waitFor(async () => expect(await metric('breaker_changes_total')).toBeGreaterThan(0), within);
  expect(await stream.uncommitted('pump-4')).toBeGreaterThan(0n);
  expect((await fetch(`${service.url}/health/live`)).status).toBe(200);
  await proxy.open();
  await vi.waitFor(async () => expect(await rowsOf('pump-4')).toHaveLength(20), within);
  await committed('pump-4');
});

test('latest values that Redis lost are read back, also of a device that stays silent', async () => {
  await stream.send('pump-5', at(nowMicros(), 42));
  await vi.waitFor(async () => expect(await latestOf('pump-5')).toBe(42), within);
  await redis.flushdb();
  await vi.waitFor(async () => expect(await latestOf('pump-5')).toBe(42), within);
});

test('alarm events become rows', async () => {
  await stream.sendAlarmEvents([alarmEvent(1), alarmEvent(2), alarmEvent(1)]);
  const statement = `SELECT event, severity FROM alarm_events WHERE tenant = '${tenant}' ORDER BY event`;
  const expected = ['01', '02'].map((byte) => [byte.repeat(16), 'critical']);
  await vi.waitFor(async () => expect(await store.query(statement)).toEqual(expected), within);
});

test('a result of a statistic is one row for its window and device, and a revision takes its place', async () => {
  const revised = { ...statisticResult(2, 21.5), revision: 1 };
  await stream.sendStatisticResults([statisticResult(1, 20), statisticResult(2, 20), statisticResult(1, 20), revised]);
  const statement = `SELECT cast(ts AS LONG), device, status, value, revision FROM statistic_results WHERE tenant = '${tenant}' ORDER BY device`;
  const row = (number: number, value: number, revision: number) => [end, `pump-${number}`, 'computed', value, revision];
  const expected = [row(1, 20, 0), row(2, 21.5, 1)];
  await vi.waitFor(async () => expect(await store.query(statement)).toEqual(expected), within);
});

test('what came in is explained by what went out', async () => {
  const { hops } = (await (await fetch(`${service.url}/v1/accounting`)).json()) as {
    readonly hops: readonly {
      readonly hop: string;
      readonly in: number;
      readonly out: number;
      readonly deadLettered: number;
    }[];
  };
  const points = hops.find(({ hop }) => hop === 'store');
  expect(points?.in).toBeGreaterThan(25);
  expect((points?.out ?? 0) + (points?.deadLettered ?? 0)).toBe(points?.in);
});

const end = 1_760_000_400_000_000;

function statisticResult(number: number, value: number): StatisticResult {
  return {
    resultId: Buffer.alloc(16, number),
    tenant,
    statisticId: 'mean',
    statisticVersion: 1,
    statisticName: 'Mean',
    deviceUid: `pump-${number}`,
    windowStartMicros: end - 3_600_000_000,
    windowEndMicros: end,
    revision: 0,
    status: 'computed',
    values: [{ name: 'mean', value }],
    inputPoints: 3,
    scriptVersion: '',
    warnings: [],
    errorCode: '',
    errorDetail: '',
    computedAtMicros: nowMicros(),
  };
}

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${service.url}/metrics`)).text();
  return Number(new RegExp(`^millrace_historian_${name} (\\d+)`, 'm').exec(text)?.[1]);
}

function alarmEvent(number: number): AlarmEvent {
  return {
    eventId: Buffer.alloc(16, number),
    alarmId: Buffer.alloc(16, 1),
    tenant,
    deviceUid: 'pump-1',
    ruleId: 'overheat',
    ruleVersion: 1,
    ruleName: 'Too hot',
    signal: 'temperature',
    transition: 'raised',
    severityBefore: 'none',
    severity: 'critical',
    timeMicros: 1_760_000_000_000_000,
    value: 91.5,
    low: 90,
    high: null,
    deadband: 1.5,
    messageId: Buffer.alloc(16, 0xaa),
    receivedAtMicros: nowMicros(),
  };
}
