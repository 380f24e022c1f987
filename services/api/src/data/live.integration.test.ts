/** The live stream over the real topics. */
import { request } from 'node:http';
import { type AlarmEvent, type DataRowList, deviceKey, topics } from '@millrace/contracts';
import { connectRegistry, createKafka, partitionOf, RecordProducer } from '@millrace/kafka';
import { testAddresses } from '@millrace/testkit';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { eventsIn, type StreamEvent, textOf } from '../screen/event-stream.ts';
import { ApiUnderTest } from '../testing/api-under-test.ts';

const api = new ApiUnderTest();
const kafka = createKafka({ brokers: [testAddresses.kafka], clientId: 'test' });
const registry = connectRegistry({ url: testAddresses.registry });
const producer = new RecordProducer(kafka);
const nowMicros = Date.now() * 1_000;

beforeAll(() => api.start(), 60_000);
afterAll(async () => {
  await api.close();
  await producer.close();
}, 30_000);

function listOf(tenant: string, deviceUid: string, value: number, signal = 't'): DataRowList {
  return {
    messageId: Buffer.alloc(16),
    part: 0,
    tenant,
    deviceUid,
    identificationCode: null,
    timeFromSender: true,
    timeMicros: nowMicros + value,
    receivedAtMicros: nowMicros,
    sequence: 0,
    rawPayload: null,
    rawPartition: 0,
    rawOffset: 0,
    rawIndex: 0,
    scriptVersion: '',
    warnings: [],
    rows: [{ name: signal, value, quality: 0, timeOffsetMicros: 0, ordinal: 0 }],
  };
}

async function write(lists: readonly DataRowList[]): Promise<void> {
  const codec = await registry.codec<DataRowList>(topics.points);
  await producer.send(
    lists.map((list) => {
      const key = deviceKey(list.tenant, list.deviceUid);
      const partition = partitionOf(key, topics.points.partitions);
      return { topic: topics.points.name, partition, key, value: codec.encode(list) };
    }),
  );
}

async function writeAlarm(tenant: string, severity: string): Promise<void> {
  const codec = await registry.codec<AlarmEvent>(topics.alarmEvents);
  const id = Buffer.alloc(16, 7);
  const event: AlarmEvent = {
    eventId: id,
    alarmId: id,
    tenant,
    deviceUid: 'd1',
    ruleId: 'r',
    ruleVersion: 1,
    ruleName: 'Too hot',
    signal: 't',
    transition: 'raised',
    severityBefore: 'none',
    severity,
    timeMicros: nowMicros,
    value: 90,
    low: 80,
    high: null,
    deadband: 1,
    messageId: id,
    receivedAtMicros: nowMicros,
  };
  const key = deviceKey(tenant, 'd1');
  const partition = partitionOf(key, topics.alarmEvents.partitions);
  await producer.send([{ topic: topics.alarmEvents.name, partition, key, value: codec.encode(event) }]);
}

interface Stream {
  readonly events: AsyncGenerator<StreamEvent>;
  readonly close: () => void;
}

async function listen(query = '', headers: Record<string, string> = {}): Promise<Stream> {
  const closing = new AbortController();
  const response = await fetch(`${api.url}/v1/live${query}`, {
    headers: { authorization: `Bearer ${api.key}`, ...headers },
    signal: closing.signal,
  });
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  return { events: eventsIn(textOf(response.body!)), close: () => closing.abort() };
}

async function next({ events }: Stream): Promise<Record<string, unknown>> {
  const { value } = (await events.next()) as { value: StreamEvent };
  return { event: value.name, ...(JSON.parse(value.text) as object) };
}

async function openStreams(): Promise<number> {
  const metrics = await (await fetch(`${api.url}/metrics`)).text();
  return Number(/^millrace_api_live_connections (\d+)$/m.exec(metrics)?.[1]);
}

test('points and alarms of the tenant arrive as they are written, those of others never', async () => {
  const stream = await listen();
  const filtered = await listen('?kinds=alarms&severities=critical');
  expect(await next(stream)).toMatchObject({ event: 'started' });
  expect(await next(filtered)).toMatchObject({ event: 'started' });
  await write([listOf(api.other, 'd1', 1)]);
  await write([listOf(api.tenant, 'd1', 2)]);
  expect(await next(stream)).toMatchObject({ event: 'points', device: 'd1', points: [{ signal: 't', value: 2 }] });
  await writeAlarm(api.tenant, 'major');
  expect(await next(stream)).toMatchObject({ event: 'alarm', severity: 'major', ruleName: 'Too hot' });
  await writeAlarm(api.tenant, 'critical');
  expect(await next(filtered)).toMatchObject({ event: 'alarm', severity: 'critical' });
  stream.close();
  filtered.close();
  await vi.waitFor(async () => expect(await openStreams()).toBe(0), 5_000);
});

test('who comes back with an id is told since when there is a gap', async () => {
  const stream = await listen('', { 'last-event-id': '2026-03-01T12:00:00.000000Z' });
  expect(await next(stream)).toMatchObject({ event: 'started' });
  expect(await next(stream)).toMatchObject({
    event: 'missed',
    reason: 'reconnected',
    points: null,
    alarms: null,
    from: '2026-03-01T12:00:00.000000Z',
  });
  stream.close();
});

test('a reader that takes nothing is told how much it missed and of what time; nobody else notices', async () => {
  const slow = await pausedStream();
  const quick = await listen();
  await next(quick);
  const sends = 200;
  const total = sends * 400;
  const counted = countUntil(quick.events, total);
  for (let from = 0; from < total; from += total / sends)
    await write(Array.from({ length: total / sends }, (_, n) => listOf(api.tenant, 'd1', from + n, 'long'.repeat(30))));
  const ofQuick = await counted;
  const ofSlow = await countUntil(eventsIn(slow.resume()), total);
  expect(ofSlow.missed).toBeGreaterThan(ofQuick.missed);
  expect([ofSlow.got + ofSlow.missed, ofQuick.got + ofQuick.missed]).toEqual([total, total]);
  quick.close();
  slow.close();
}, 60_000);

/** Reads until it knows of so many points, got or missed. */
async function countUntil(events: AsyncIterable<StreamEvent>, total: number) {
  let got = 0;
  let missed = 0;
  for await (const { name, text } of events) {
    const data = JSON.parse(text) as { points: unknown; from: string; to: string };
    if (name === 'points') got += (data.points as readonly unknown[]).length;
    if (name === 'missed') {
      missed += Number(data.points);
      expect(Date.parse(data.to)).toBeGreaterThanOrEqual(Date.parse(data.from));
    }
    if (got + missed >= total) break;
  }
  return { got, missed };
}

/** A reader whose connection is open and whose socket is not read until it is told to. */
async function pausedStream(): Promise<{ resume: () => AsyncGenerator<string>; close: () => void }> {
  const outgoing = request(`${api.url}/v1/live`, { headers: { authorization: `Bearer ${api.key}` } });
  const { promise, resolve, reject } = Promise.withResolvers<NodeJS.ReadableStream>();
  outgoing.once('response', resolve).once('error', reject).end();
  const incoming = await promise;
  return {
    close: () => outgoing.destroy(),
    async *resume() {
      incoming.setEncoding('utf8');
      for await (const chunk of incoming) yield String(chunk);
    },
  };
}
