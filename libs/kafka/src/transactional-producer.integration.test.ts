import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { BatchConsumer } from './batch-consumer.ts';
import { RecordProducer } from './record-producer.ts';
import { numbered, numbersOf, TestStream } from './test-stream.ts';
import { ProducerFenced, TransactionalProducer } from './transactional-producer.ts';
import { unendedTransactions } from './unended-transactions.ts';

const stream = new TestStream();
const open: TransactionalProducer[] = [];

beforeAll(() => stream.admin.connect());
afterAll(() => Promise.all([...open.map((producer) => producer.close()), stream.close()]));

async function owner(transactionalId: string): Promise<TransactionalProducer> {
  const producer = new TransactionalProducer(stream.kafka, transactionalId);
  open.push(producer);
  await producer.connect();
  return producer;
}

/** What a reader of committed records sees before the record 999, which is sent to mark the end. */
async function committedRecords(topic: string): Promise<readonly number[]> {
  const producer = new RecordProducer(stream.kafka);
  await producer.send(numbered(topic, 0, 999, 1000));
  await producer.close();
  const seen: number[] = [];
  const consumer = new BatchConsumer(stream.kafka, {
    groupId: `test.${randomUUID()}`,
    topics: [topic],
    readCommitted: true,
    handle: (batch) => {
      seen.push(...numbersOf(batch.records));
      batch.settle(batch.records.length);
      return Promise.resolve();
    },
    onCrash: (error) => {
      throw error;
    },
  });
  await consumer.start();
  await vi.waitFor(() => expect(seen).toContain(999), 15_000);
  await consumer.stop();
  return seen.filter((number) => number !== 999);
}

test('records and the offset of their input are committed together, transaction after transaction', async () => {
  const [input, output, groupId] = [await stream.newTopic(), await stream.newTopic(), `test.${randomUUID()}`];
  const producer = await owner(`test.${randomUUID()}`);
  for (const count of [1, 2, 3, 4, 5])
    await producer.transaction({
      records: numbered(output, 0, count, count + 1),
      offsets: { groupId, topic: input, partition: 0, offset: String(count * 10) },
    });
  expect(await committedRecords(output)).toEqual([1, 2, 3, 4, 5]);
  expect(await stream.committed(groupId, input)).toEqual([50]);
});

test('a second owner of the transactional id fences the first, for good', async () => {
  const [topic, transactionalId] = [await stream.newTopic(), `test.${randomUUID()}`];
  const first = await owner(transactionalId);
  await first.transaction({ records: numbered(topic, 0, 0, 1) });
  const second = await owner(transactionalId);
  await expect(first.transaction({ records: numbered(topic, 0, 1, 2) })).rejects.toBeInstanceOf(ProducerFenced);
  await second.transaction({ records: numbered(topic, 0, 2, 3) });
  await expect(first.transaction({ records: numbered(topic, 0, 3, 4) })).rejects.toBeInstanceOf(ProducerFenced);
  expect(await committedRecords(topic)).toEqual([0, 2]);
});

test('a fenced owner cannot commit offsets either', async () => {
  const [input, transactionalId, groupId] = [await stream.newTopic(), `test.${randomUUID()}`, `test.${randomUUID()}`];
  const first = await owner(transactionalId);
  const second = await owner(transactionalId);
  const offsets = { groupId, topic: input, partition: 0, offset: '7' };
  await second.transaction({ records: [], offsets });
  const stale = first.transaction({ records: [], offsets: { ...offsets, offset: '3' } });
  await expect(stale).rejects.toBeInstanceOf(ProducerFenced);
  expect(await stream.committed(groupId, input)).toEqual([7]);
});

test('a transaction that fails leaves nothing, and the next one succeeds', async () => {
  const topic = await stream.newTopic();
  const producer = await owner(`test.${randomUUID()}`);
  const large = { topic, partition: 0, key: null, value: Buffer.from(randomUUID().repeat(60_000)) };
  const bytes = Buffer.from(Array.from({ length: 3_000_000 }, () => Math.floor(Math.random() * 256)));
  const failing = producer.transaction({ records: [...numbered(topic, 0, 0, 1), { ...large, value: bytes }] });
  await expect(failing).rejects.toMatchObject({ code: 'stream_unavailable' });
  await producer.transaction({ records: numbered(topic, 0, 5, 6) });
  expect(await committedRecords(topic)).toEqual([5]);
});

/** One that its owner has not ended, without the means of `TransactionalProducer`. */
async function begun(transactionalId: string, topic: string): Promise<() => Promise<void>> {
  const producer = stream.kafka.newClient().producer({ transactionalId, idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  const transaction = await producer.transaction();
  await transaction.send({ topic, messages: [{ key: 'a', value: 'b', partition: 0 }] });
  return async () => {
    await transaction.abort().catch(() => undefined);
    await producer.disconnect();
  };
}

test('a transaction that has not ended is found, and a new owner of its id ends it', async () => {
  const [topic, other, transactionalId] = [await stream.newTopic(), await stream.newTopic(), `test.${randomUUID()}`];
  const end = await begun(transactionalId, topic);
  expect(await unendedTransactions(stream.kafka, [other, topic])).toEqual([{ topic, partition: 0 }]);
  const producer = new TransactionalProducer(stream.kafka, transactionalId);
  open.push(producer);
  expect(await producer.connect([topic, other])).toEqual([]);
  expect(await unendedTransactions(stream.kafka, [topic, other])).toEqual([]);
  await end();
});

test('one that does not end by itself is told to a new owner, whose transactions go on', async () => {
  const topic = await stream.newTopic();
  const end = await begun(`test.${randomUUID()}`, topic);
  const producer = new TransactionalProducer(stream.kafka, `test.${randomUUID()}`);
  open.push(producer);
  expect(await producer.connect([topic])).toEqual([topic]);
  await end();
  await producer.transaction({ records: numbered(topic, 0, 5, 6) });
  expect(await committedRecords(topic)).toEqual([5]);
});
