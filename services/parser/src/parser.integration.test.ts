import { entityKinds } from '@millrace/config';
import { topics } from '@millrace/contracts';
import { ensureTopics } from '@millrace/kafka';
import type { AccountingReport } from '@millrace/observe';
import { startService, type StartedService, topicsOf } from '@millrace/platform';
import { anyDevice, testAddresses } from '@millrace/testkit';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { parserService } from './parser-service.ts';
import { TestStream } from './testing/stream.ts';

const stream = new TestStream();
const { tenant } = stream;
const running: StartedService[] = [];
/** Others use the stack as well: their unknown devices may hold a partition for some seconds. */
const waitMsMax = { timeout: 30_000, interval: 20 };

const decode = `function decodeUplink({ bytes, fPort, variables }) {
  if (bytes[0] === 255) throw new Error('bad frame');
  return { data: { value: bytes[0], port: fPort, line: variables.line } };
}`;

async function start(): Promise<StartedService> {
  const service = await startService(parserService, {
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
  running.push(service);
  await vi.waitFor(async () => expect((await fetch(`${service.url}/health/ready`)).status).toBe(200), waitMsMax);
  return service;
}

async function stop(): Promise<void> {
  await Promise.all(running.splice(0).map(({ app }) => app.close()));
}

const script = (version: number, source: string) =>
  stream.publish(entityKinds.scripts, { tenant, scriptId: 'decode', version, language: 'javascript', source });

const device = (deviceUid: string, productId = 'sensor') =>
  stream.publish(entityKinds.devices, anyDevice(tenant, deviceUid, { productId, attributes: { line: 'paper-1' } }));

const behind = (gatewayUid: string, deviceUid: string) => {
  const more = { productId: 'json', gatewayUid, identificationCode: `SN-${deviceUid}` };
  return stream.publish(entityKinds.devices, anyDevice(tenant, deviceUid, more));
};

const product = (productId: string, scriptId: string | null) =>
  stream.publish(entityKinds.products, { tenant, productId, name: '', scriptId, keepRawPayload: false, signals: [] });

const frames = (from: number, to: number): readonly Buffer[] =>
  Array.from({ length: to - from }, (_, index) => Buffer.from([from + index]));
const numbers = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from }, (_, index) => from + index);

const owner = (pointsPerSecond: number | null, state: 'active' | 'deleted' = 'active') =>
  stream.publish(entityKinds.tenants, stream.entry(state, pointsPerSecond));

beforeAll(async () => {
  await ensureTopics(stream.kafka, topicsOf(parserService), { mayCreate: true });
  await script(1, decode);
  await product('sensor', 'decode');
  await product('json', null);
  for (const deviceUid of ['d1', 'd2', 'd3']) await device(deviceUid);
  await device('j1', 'json');
  await stream.begin();
});
afterEach(stop);
afterAll(() => stream.close());

test('a frame becomes a data row list in the partition of its device, with what the script made of it', async () => {
  const service = await start();
  await stream.send('d1', frames(7, 8), { attributes: { fPort: '85', fCnt: '12' }, timeMicros: 1_600_000_000_000_123 });
  await vi.waitFor(() => expect(stream.valuesOf('d1', 'value')).toEqual([7]), waitMsMax);
  const [stored] = stream.points.filter(({ list }) => list.deviceUid === 'd1');
  expect(stored).toMatchObject({
    key: `${tenant}/d1`,
    partition: stream.partitionOf('d1'),
    list: {
      timeMicros: 1_600_000_000_000_123,
      timeFromSender: true,
      sequence: 12,
      rawPartition: stream.partitionOf('d1'),
      rawIndex: 0,
      scriptVersion: 'decode@1',
    },
  });
  expect(stream.valuesOf('d1', 'port')).toEqual([85]);
  expect(stream.valuesOf('d1', 'line')).toEqual(['paper-1']);
  const accounting = (await (await fetch(`${service.url}/v1/accounting`)).json()) as AccountingReport;
  expect(accounting.hops.find(({ hop }) => hop === 'parse')?.out).toBeGreaterThanOrEqual(1);
});

test('a product without a script takes JSON', async () => {
  await start();
  await stream.send('j1', [Buffer.from('{"tank": {"level": 3.5}}')]);
  await vi.waitFor(() => expect(stream.valuesOf('j1', 'tank.level')).toEqual([3.5]), waitMsMax);
});

test('a frame that the script cannot decode is a dead letter with its reason; the others go on', async () => {
  await start();
  await stream.send('d2', [Buffer.from([1]), Buffer.from([255]), Buffer.from([2])]);
  await vi.waitFor(() => expect(stream.letters).toHaveLength(1), waitMsMax);
  await vi.waitFor(() => expect(stream.valuesOf('d2', 'value')).toEqual([1, 2]), waitMsMax);
  expect(stream.letters[0]).toMatchObject({
    key: `${tenant}/d2`,
    headers: {
      'errors.code': 'script_threw',
      'errors.message': 'Line 2: bad frame',
      'errors.stage': 'parser.script',
      'errors.script': 'decode@1',
      'errors.topic': topics.raw.name,
      'errors.index': '1',
    },
  });
  expect(stream.letters[0]?.raw.messages.map(({ payload }) => [...payload])).toEqual([[255]]);
});

test('what a gateway says of the devices behind it is stored as theirs, and nothing of a message that names another', async () => {
  await behind('j1', 'b1');
  await behind('j1', 'b2');
  await behind('d3', 'other');
  await start();
  const said = (...uids: readonly string[]) =>
    Buffer.from(JSON.stringify(uids.map((uid, level) => ({ identificationCode: `SN-${uid}`, values: { level } }))));
  const before = stream.letters.length;
  await vi.waitFor(async () => {
    await stream.send('j1', [said('b1', 'b2'), said('b1', 'other')]);
    expect(stream.valuesOf('b2', 'level')).toContain(1);
  }, waitMsMax);
  expect(new Set(stream.valuesOf('b1', 'level'))).toEqual(new Set([0]));
  const ofSecond = stream.points.find(({ list }) => list.deviceUid === 'b2');
  expect(ofSecond).toMatchObject({ key: `${tenant}/b2`, partition: stream.partitionOf('b2'), list: { part: 2 } });
  await vi.waitFor(() => expect(stream.letters.length).toBeGreaterThan(before), waitMsMax);
  expect(stream.letters[before]).toMatchObject({
    key: `${tenant}/j1`,
    headers: { 'errors.code': 'unknown_sub_device' },
  });
  expect(stream.valuesOf('other', 'level')).toEqual([]);
});

test('a new version of a script is used without a restart', async () => {
  await start();
  await script(2, 'const decodeUplink = ({ bytes }) => ({ data: { second: bytes[0] } });');
  await vi.waitFor(async () => {
    await stream.send('d1', frames(9, 10));
    expect(stream.valuesOf('d1', 'second')).toContain(9);
  }, waitMsMax);
  expect(stream.points.at(-1)?.list.scriptVersion).toBe('decode@2');
  await script(3, decode);
});

test('a device whose configuration arrives after its message loses nothing', async () => {
  await start();
  await stream.send('late', frames(1, 4));
  await device('late');
  await vi.waitFor(
    () => expect(stream.points.filter(({ list }) => list.deviceUid === 'late')).toHaveLength(3),
    waitMsMax,
  );
});

test('what arrives while the parser is away is parsed in order by the next one, and nothing twice', async () => {
  await start();
  await stream.send('d3', frames(0, 50));
  await vi.waitFor(
    () => expect(stream.points.filter(({ list }) => list.deviceUid === 'd3')).toHaveLength(50),
    waitMsMax,
  );
  await stop();
  await stream.send('d3', frames(50, 100));
  await start();
  const indexes = (): readonly unknown[] =>
    stream.points
      .filter(({ list }) => list.deviceUid === 'd3')
      .map(({ list: { rows } }) => rows.find(({ name }) => name === 'value' || name === 'second')?.value);
  await vi.waitFor(() => expect(indexes()).toEqual(numbers(0, 100)), waitMsMax);
});

test('messages beyond the quota of points wait in the dead letters byte for byte', async () => {
  await device('q1', 'json');
  await owner(1);
  const service = await start();
  const payloads = Array.from({ length: 20 }, (_, index) => Buffer.from(`{"n": ${index}}`));
  const before = stream.letters.length;
  await stream.send('q1', payloads);
  await vi.waitFor(() => expect(stream.letters.length).toBeGreaterThan(before), waitMsMax);
  const letters = () => stream.letters.slice(before);
  await vi.waitFor(() => expect(stream.valuesOf('q1', 'n').length + letters().length).toBe(payloads.length), waitMsMax);
  expect(stream.valuesOf('q1', 'n')).toEqual(numbers(0, 5));
  expect(new Set(letters().map(({ headers }) => headers['errors.code']))).toEqual(new Set(['quota_exceeded']));
  expect(letters()[0]?.headers['errors.stage']).toBe('parser.quota');
  expect(letters().flatMap(({ raw }) => raw.messages.map(({ payload }) => payload.toString()))).toEqual(
    payloads.slice(5).map(String),
  );
  const metrics = await (await fetch(`${service.url}/metrics`)).text();
  expect(metrics).toContain(
    `millrace_quota_held_off_messages_total{tenant="${tenant}",quota="pointsPerSecond"} ${payloads.length - 5}`,
  );
  await owner(null);
});

test('messages of a deleted tenant are dropped and counted, and leave no dead letter', async () => {
  await device('x1', 'json');
  await owner(null, 'deleted');
  const service = await start();
  const before = stream.letters.length;
  await stream.send('x1', [Buffer.from('{"n": 1}'), Buffer.from('{"n": 2}')]);
  await vi.waitFor(async () => {
    const { hops } = (await (await fetch(`${service.url}/v1/accounting`)).json()) as AccountingReport;
    expect(hops.find(({ hop }) => hop === 'parse')?.rejected.tenant_deleted).toBe(2);
  }, waitMsMax);
  expect(stream.valuesOf('x1', 'n')).toEqual([]);
  expect(stream.letters).toHaveLength(before);
  await owner(null);
});
