import { entityKinds } from '@millrace/config';
import { topics } from '@millrace/contracts';
import { ensureTopics, TransactionalProducer } from '@millrace/kafka';
import type { AccountingReport } from '@millrace/observe';
import { startService, type StartedService, topicsOf } from '@millrace/platform';
import { anyDevice, testAddresses } from '@millrace/testkit';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { evaluatorService } from './evaluator-service.ts';
import { TestStream } from './testing/stream.ts';

const stream = new TestStream();
const { tenant } = stream;
const running: StartedService[] = [];
const waitMsMax = { timeout: 20_000, interval: 20 };

async function start(): Promise<StartedService> {
  const service = await startService(evaluatorService, {
    variables: {
      MILLRACE_KAFKA_BROKERS: testAddresses.kafka,
      MILLRACE_REGISTRY_URL: testAddresses.registry,
      MILLRACE_HTTP_PORT: '0',
      MILLRACE_LOG_LEVEL: 'error',
      MILLRACE_ALARM_EVALUATOR_GROUP: stream.groupId,
      MILLRACE_ALARM_EVALUATOR_TRANSACTIONS: stream.groupId,
    },
    onCrash: (error) => {
      throw error;
    },
    signal: AbortSignal.timeout(30_000),
  });
  running.push(service);
  await vi.waitFor(async () => expect((await fetch(`${service.url}/health/ready`)).status).toBe(200), waitMsMax);
  return service;
}

async function stop(): Promise<void> {
  await Promise.all(running.splice(0).map(({ app }) => app.close()));
}

const stepsOf = (deviceUid: string): string[] =>
  stream.events
    .filter(({ event }) => event.deviceUid === deviceUid)
    .map(({ event }) => `${event.transition} ${event.severity} ${event.timeMicros}`);

/** Everything of the device is evaluated and what came of it committed. */
async function settled(deviceUid: string): Promise<void> {
  const end = await stream.end(deviceUid);
  await vi.waitFor(async () => expect(await stream.committed(deviceUid)).toBeGreaterThanOrEqual(end), waitMsMax);
}

async function addDevice(deviceUid: string): Promise<void> {
  await stream.publish(entityKinds.devices, anyDevice(tenant, deviceUid, { productId: 'oven', name: 'Oven' }));
}

beforeAll(async () => {
  await ensureTopics(stream.kafka, topicsOf(evaluatorService), { mayCreate: true });
  await stream.publish(entityKinds.alarmRules, {
    tenant,
    ruleId: 'too-hot',
    version: 1,
    name: 'Too hot',
    productId: 'oven',
    deviceUid: null,
    signal: 'temperature',
    grades: [
      { severity: 'warning', low: 70, high: 90 },
      { severity: 'critical', low: 90, high: null },
    ],
    deadband: 2,
    notify: [],
  });
  for (const deviceUid of ['oven-1', 'oven-2', 'oven-3', 'oven-4']) await addDevice(deviceUid);
  await stream.begin();
});
afterEach(stop);
afterAll(() => stream.close());

test('a threshold that is crossed becomes an event that explains itself, as a CloudEvent beside its device', async () => {
  await start();
  await stream.send('oven-1', [1_000_000, 20], [2_000_000, 95]);
  await vi.waitFor(() => expect(stepsOf('oven-1')).toEqual(['raised critical 2000000']), waitMsMax);
  const [stored] = stream.events;
  const { eventId } = stored?.event ?? {};
  expect(stored).toMatchObject({
    key: `${tenant}/oven-1`,
    partition: stream.partitionOf('oven-1'),
    event: { tenant, ruleName: 'Too hot', value: 95, low: 90, high: null, alarmId: eventId },
    headers: {
      ce_specversion: '1.0',
      ce_id: eventId?.toString('hex'),
      ce_type: 'io.millrace.alarm.raised',
      ce_time: '1970-01-01T00:00:02.000000Z',
    },
  });
});

test('an instance that takes over goes on from the checkpoint of the former one', async () => {
  await start();
  await stream.send('oven-2', [1, 95]);
  await vi.waitFor(() => expect(stepsOf('oven-2')).toHaveLength(1), waitMsMax);
  await stop();
  await stream.send('oven-2', [1, 20], [2, 75], [3, 20]);
  await start();
  await settled('oven-2');
  await vi.waitFor(
    () => expect(stepsOf('oven-2')).toEqual(['raised critical 1', 'changed warning 2', 'cleared none 3']),
    waitMsMax,
  );
  const alarms = stream.events.filter(({ event }) => event.deviceUid === 'oven-2').map(({ event }) => event.alarmId);
  expect(new Set(alarms.map((alarmId) => alarmId.toString('hex'))).size).toBe(1);
});

test('an owner that was fenced out reads the checkpoint again and stores every event once', async () => {
  await start();
  await stream.send('oven-3', [1, 95]);
  await vi.waitFor(() => expect(stepsOf('oven-3')).toHaveLength(1), waitMsMax);
  const rival = new TransactionalProducer(stream.kafka, `${stream.groupId}.${stream.partitionOf('oven-3')}`);
  await rival.connect();
  await rival.close();
  await stream.send('oven-3', [2, 20], [3, 95]);
  await settled('oven-3');
  await vi.waitFor(
    () => expect(stepsOf('oven-3')).toEqual(['raised critical 1', 'cleared none 2', 'raised critical 3']),
    waitMsMax,
  );
});

test('partitions that move to a second instance and back are evaluated from what is stored', async () => {
  await start();
  await stream.send('oven-4', [1, 95]);
  await settled('oven-4');
  const second = await start();
  await stream.send('oven-4', [2, 20]);
  await settled('oven-4');
  await second.app.close();
  await stream.send('oven-4', [3, 95], [4, 20]);
  await settled('oven-4');
  const all = ['raised critical 1', 'cleared none 2', 'raised critical 3', 'cleared none 4'];
  await vi.waitFor(() => expect(stepsOf('oven-4')).toEqual(all), waitMsMax);
});

test('the points of a device wait for its configuration, and every message is accounted for', async () => {
  const { url } = await start();
  await stream.send('oven-5', [1, 95]);
  await addDevice('oven-5');
  await vi.waitFor(() => expect(stepsOf('oven-5')).toEqual(['raised critical 1']), waitMsMax);
  const { hops } = (await (await fetch(`${url}/v1/accounting`)).json()) as { hops: Record<string, number>[] };
  expect(hops).toMatchObject([{ hop: 'evaluate', inFlight: 0 }]);
  expect(hops[0]?.['out']).toBeGreaterThan(0);
});

test.each([
  ['suspended', ['raised critical 1'], {}],
  ['deleted', [], { tenant_deleted: 1 }],
] as const)(
  'points of a %s tenant that were on their way become %j, and are counted',
  async (state, expected, rejected) => {
    const deviceUid = `oven-${state}`;
    await addDevice(deviceUid);
    await stream.publish(entityKinds.tenants, stream.entry(state));
    const { url } = await start();
    await stream.send(deviceUid, [1, 95]);
    await settled(deviceUid);
    const { hops } = (await (await fetch(`${url}/v1/accounting`)).json()) as AccountingReport;
    expect(hops).toMatchObject([{ hop: 'evaluate', rejected, deadLettered: 0, inFlight: 0 }]);
    await stream.publish(entityKinds.tenants, stream.entry('active'));
    await vi.waitFor(() => expect(stepsOf(deviceUid)).toEqual(expected), waitMsMax);
  },
);

test('a record that is no data row list is put aside, and the partition goes on', async () => {
  const { url } = await start();
  const { kafka } = stream;
  const producer = kafka.newClient().producer();
  await producer.connect();
  const partition = stream.partitionOf('oven-1');
  await producer.send({
    topic: topics.points.name,
    messages: [{ partition, key: `${tenant}/oven-1`, value: 'no Avro' }],
  });
  await producer.disconnect();
  await stream.send('oven-1', [5_000_000, 20]);
  await vi.waitFor(() => expect(stepsOf('oven-1').at(-1)).toBe('cleared none 5000000'), waitMsMax);
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toMatch(/records_put_aside_total [1-9]/);
});
