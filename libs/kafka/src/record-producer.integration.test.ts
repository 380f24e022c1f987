import { afterAll, beforeAll, expect, test } from 'vitest';
import { RecordProducer } from './record-producer.ts';
import { numbered, numbersOf, TestStream } from './test-stream.ts';
import { BatchConsumer } from './batch-consumer.ts';
import { vi } from 'vitest';

const stream = new TestStream();
const producer = new RecordProducer(stream.kafka);

beforeAll(() => stream.admin.connect());
afterAll(() => Promise.all([producer.close(), stream.close()]));

/** What a new group reads of a topic, by partition. */
async function readAll(topic: string, count: number): Promise<ReadonlyMap<number, readonly number[]>> {
  const seen = new Map<number, number[]>();
  const consumer = new BatchConsumer(stream.kafka, {
    groupId: `test.${crypto.randomUUID()}`,
    topics: [topic],
    handle: (batch) => {
      seen.set(batch.partition, [...(seen.get(batch.partition) ?? []), ...numbersOf(batch.records)]);
      batch.settle(batch.records.length);
      return Promise.resolve();
    },
    onCrash: (error) => {
      throw error;
    },
  });
  await consumer.start();
  const total = (): number => [...seen.values()].reduce((sum, numbers) => sum + numbers.length, 0);
  await vi.waitFor(() => expect(total()).toBe(count), 10_000);
  await consumer.stop();
  return seen;
}

test('many sends at once arrive in the order of the calls', async () => {
  const topic = await stream.newTopic(2);
  await Promise.all(
    Array.from({ length: 500 }, (_, index) => producer.send(numbered(topic, index % 2, index, index + 1))),
  );
  const seen = await readAll(topic, 500);
  for (const [partition, numbers] of seen)
    expect(numbers).toEqual(Array.from({ length: 250 }, (_, index) => index * 2 + partition));
});

test('the receipt names the last offset', async () => {
  const topic = await stream.newTopic(1);
  await producer.send(numbered(topic, 0, 0, 3));
  const receipt = await producer.send(numbered(topic, 0, 3, 5));
  expect(receipt.lastOffset(topic, 0)).toBe(4n);
});

test('a send larger than a request is split and stays in order', async () => {
  const topic = await stream.newTopic(1);
  const records = numbered(topic, 0, 0, 30).map((record, index) => ({
    ...record,
    value: Buffer.concat([Buffer.from(String(index).padStart(100_000))]),
  }));
  await producer.send(records);
  expect((await readAll(topic, 30)).get(0)).toEqual([...Array(30).keys()]);
});

test('a partition that the topic does not have is not silently dropped', async () => {
  const topic = await stream.newTopic(1);
  const sending = producer.send(numbered(topic, 7, 0, 1), AbortSignal.timeout(700));
  await expect(sending).rejects.toThrow('timeout');
});

test('the receipt names the offset of each record, also of sends that take several requests beside others', async () => {
  const topic = await stream.newTopic(2);
  const large = numbered(topic, 0, 0, 60).map((record) => ({ ...record, value: Buffer.alloc(100_000) }));
  const sends = [large.slice(0, 30), numbered(topic, 1, 0, 3), large.slice(30), numbered(topic, 1, 3, 5)];
  const receipts = await Promise.all(sends.map((records) => producer.send(records)));
  const offsets = sends.map((records, index) => records.map((record) => receipts[index]!.offsetOf(record)));
  const upTo = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => BigInt(from + index));
  expect(offsets).toEqual([upTo(0, 30), upTo(0, 3), upTo(30, 60), upTo(3, 5)]);
});
