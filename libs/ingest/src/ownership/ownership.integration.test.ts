import { randomUUID } from 'node:crypto';
import { type RawBatch, topics } from '@millrace/contracts';
import { connectRegistry, createKafka, ensureTopics, readToEnd, RecordProducer } from '@millrace/kafka';
import { systemClock } from '@millrace/kernel';
import { testAddresses } from '@millrace/testkit';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { ClaimLog } from './claim-log.ts';
import { Fences } from './fences.ts';
import { KafkaClaims } from './kafka-claims.ts';

const kafka = createKafka({ brokers: [testAddresses.kafka], clientId: 'test' });
const registry = connectRegistry({ url: testAddresses.registry });
const producer = new RecordProducer(kafka);
const limit = () => AbortSignal.timeout(20_000);
const logs: ClaimLog[] = [];
const used: string[] = [];

beforeAll(() => ensureTopics(kafka, [topics.raw, topics.connectionClaims], { mayCreate: true }));
afterEach(() => Promise.all(logs.splice(0).map((log) => log.stop())));
afterAll(async () => {
  const log = await newLog();
  await Promise.all(used.map((key) => log.remove(key, limit())));
  await log.stop();
  await producer.close();
});

async function newLog(): Promise<ClaimLog> {
  const log = new ClaimLog(new KafkaClaims({ kafka, registry, producer }), systemClock);
  logs.push(log);
  await log.start(limit());
  return log;
}

function newKeys(count: number): readonly string[] {
  const keys = Array.from({ length: count }, (_, index) => `test/${randomUUID()}-${index}`);
  used.push(...keys);
  return keys;
}

test('claims and fences of many connections each learn their own offsets, whatever travels with them', async () => {
  const keys = newKeys(50);
  const log = await newLog();
  const epochs = await Promise.all(keys.map((key) => log.claim(key, { instance: 'one', shared: false }, limit())));
  expect(epochs).toEqual(keys.map((_, index) => epochs[0]! + index));
  const codec = await registry.codec<RawBatch>(topics.raw);
  const fences = new Fences({ producer, codec });
  const origin = { ingestor: 'one', protocol: 'mqtt' };
  const written = await Promise.all(
    keys.map((connectionId, index) => fences.write({ ...origin, connectionId, epoch: epochs[index]! }, limit())),
  );
  await Promise.all(keys.map((key, index) => log.confirm(key, epochs[index]!, written[index]!, limit())));
  const found = new Map<string, RawBatch>();
  for (let partition = 0; partition < topics.raw.partitions; partition += 1)
    await readToEnd(
      kafka,
      topics.raw.name,
      async (_topic, _partition, records) => {
        await registry.prepare(records);
        for (const { offset, value } of records) found.set(`${partition}/${offset}`, codec.decode(value!));
      },
      limit(),
      { partition, from: BigInt(Math.min(...written.map((offsets) => offsets[partition]!))) },
    );
  for (const [index, offsets] of written.entries())
    for (const [partition, offset] of offsets.entries())
      expect(found.get(`${partition}/${offset}`)).toMatchObject({
        ...origin,
        connectionId: keys[index],
        epoch: epochs[index],
        messages: [],
      });
  const other = await newLog();
  for (const [index, key] of keys.entries())
    expect(other.latest(key)).toMatchObject({
      instance: 'one',
      epoch: epochs[index],
      fences: [{ epoch: epochs[index], offsets: written[index] }],
    });
});

test('an owner hears of the next one, wherever that is', async () => {
  const [key] = newKeys(1) as [string];
  const [one, two] = [await newLog(), await newLog()];
  const epoch = await one.claim(key, { instance: 'one', shared: true }, limit());
  const superseded = one.supersededSignal(key, epoch);
  await vi.waitFor(() => expect(two.latest(key)).toMatchObject({ instance: 'one', shared: true }), 10_000);
  await two.claim(key, { instance: 'two', shared: true }, limit());
  await vi.waitFor(() => expect(superseded.aborted).toBe(true), 10_000);
  await expect(one.confirm(key, epoch, [], limit())).rejects.toMatchObject({ code: 'lease_lost' });
});

test('a connection that was deleted is gone for everybody, and what is released stays so', async () => {
  const [key] = newKeys(1) as [string];
  const [one, two] = [await newLog(), await newLog()];
  const epoch = await one.claim(key, { instance: 'one', shared: false }, limit());
  await one.release(key, epoch, limit());
  await vi.waitFor(() => expect(two.latest(key)?.released).toBe(true), 10_000);
  await one.remove(key, limit());
  for (const log of [one, two]) await vi.waitFor(() => expect(log.latest(key)).toBeUndefined(), 10_000);
});
