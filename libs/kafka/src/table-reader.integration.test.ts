import { randomUUID } from 'node:crypto';
import { testAddresses } from '@millrace/testkit';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createKafka, type KafkaNotice } from './kafka.ts';
import { RecordProducer } from './record-producer.ts';
import { readTables, type TableReader } from './table-reader.ts';
import { TestStream } from './test-stream.ts';
import { codecs, wordCodec, Words } from './testing/test-table.ts';
import { TransactionalProducer } from './transactional-producer.ts';

const stream = new TestStream();
const producer = new RecordProducer(stream.kafka);
const readers: TableReader[] = [];
const writers: { disconnect(): Promise<void> }[] = [];
const never = new AbortController().signal;

beforeAll(() => stream.admin.connect());
afterEach(() => Promise.all(readers.splice(0).map((reader) => reader.close())));
afterAll(() => Promise.all([producer.close(), ...writers.map((writer) => writer.disconnect()), stream.close()]));

async function read(words: Words, notices: KafkaNotice[] = []): Promise<TableReader> {
  const onNotice = (notice: KafkaNotice): void => void notices.push(notice);
  const kafka = createKafka({ brokers: [testAddresses.kafka], clientId: 'test', onNotice });
  const reader = await readTables(kafka, codecs, [words], AbortSignal.timeout(10_000));
  readers.push(reader);
  return reader;
}

async function write(topic: string, key: string, value: string | null): Promise<bigint> {
  const bytes = value === null ? null : wordCodec.encode(value);
  const receipt = await producer.send([{ topic, partition: 0, key, value: bytes }]);
  return receipt.lastOffset(topic, 0) ?? -1n;
}

test('an empty topic is read at once', async () => {
  const words = new Words(await stream.newTopic(1, 'compacted'));
  await read(words);
  expect(words.rows.size).toBe(0);
});

test('what was written is there when the reader is, and what is written later follows', async () => {
  const words = new Words(await stream.newTopic(1, 'compacted'));
  await write(words.topic.name, 'a', 'one');
  await write(words.topic.name, 'b', 'two');
  await write(words.topic.name, 'a', null);
  const reader = await read(words);
  expect([...words.rows]).toEqual([['b', 'two']]);
  const offset = await write(words.topic.name, 'c', 'three');
  await reader.reached(words.topic.name, 0, offset, never);
  expect([...words.rows.keys()]).toEqual(['b', 'c']);
  expect(reader.position(words.topic.name, 0)).toBe(offset + 1n);
});

test('a table catches up with what its topic held at the call, and hears where the records stand', async () => {
  const words = new Words(await stream.newTopic(1, 'compacted'));
  const reader = await read(words);
  await reader.caughtUp(words.topic.name, never);
  const offsets = await Promise.all(['one', 'two', null].map((value) => write(words.topic.name, 'a', value)));
  await reader.caughtUp(words.topic.name, never);
  expect(words.offsets).toEqual([0n, 1n, 2n]);
  expect(offsets.at(-1)).toBe(2n);
});

test('a table that ends with the marker of a transaction is read to its end', async () => {
  const words = new Words(await stream.newTopic(1, 'compacted'));
  const transactional = new TransactionalProducer(stream.kafka, `test.${randomUUID()}`);
  await transactional.connect();
  const record = { topic: words.topic.name, partition: 0, key: 'a', value: wordCodec.encode('one') };
  await transactional.transaction({ records: [record] });
  await transactional.close();
  const reader = await read(words);
  expect([...words.rows]).toEqual([['a', 'one']]);
  expect(reader.position(words.topic.name, 0)).toBe(2n);
});

/** A transaction with one record, which the test ends or does not. */
async function begin(words: Words, key: string, transactionalId = `test.${randomUUID()}`, transactionTimeout = 60_000) {
  const writer = stream.kafka
    .newClient()
    .producer({ transactionalId, idempotent: true, maxInFlightRequests: 1, transactionTimeout });
  await writer.connect();
  writers.push(writer);
  const transaction = await writer.transaction();
  await transaction.send({
    topic: words.topic.name,
    messages: [{ partition: 0, key, value: wordCodec.encode('never') }],
  });
  return transaction;
}

test('what aborted transactions wrote is never applied, also when they overlap', async () => {
  const words = new Words(await stream.newTopic(1, 'compacted'));
  const follower = await read(words);
  const [first, second] = [await begin(words, 'a'), await begin(words, 'b')];
  await second.abort();
  await first.abort();
  const last = await write(words.topic.name, 'c', 'three');
  await follower.reached(words.topic.name, 0, last, AbortSignal.timeout(10_000));
  expect([...words.rows]).toEqual([['c', 'three']]);
  const late = new Words(words.topic.name);
  await read(late);
  expect([...late.rows]).toEqual([['c', 'three']]);
});

test('a transaction that its writer left open holds up no start, and what comes after it until the next writer is there', async () => {
  const words = new Words(await stream.newTopic(1, 'compacted'));
  const transactionalId = `test.${randomUUID()}`;
  await write(words.topic.name, 'a', 'one');
  await begin(words, 'b', transactionalId);
  const later = await write(words.topic.name, 'c', 'three');
  const reader = await read(words);
  expect([...words.rows.keys()]).toEqual(['a']);
  expect(reader.position(words.topic.name, 0)).toBe(1n);
  const next = new TransactionalProducer(stream.kafka, transactionalId);
  await next.connect();
  await reader.reached(words.topic.name, 0, later, AbortSignal.timeout(10_000));
  await next.close();
  expect([...words.rows.keys()]).toEqual(['a', 'c']);
});

test('a transaction whose writer never comes back is over soon after its time-out', async () => {
  const words = new Words(await stream.newTopic(1, 'compacted'));
  await begin(words, 'a', undefined, 1_000);
  const later = await write(words.topic.name, 'b', 'two');
  const reader = await read(words);
  await reader.reached(words.topic.name, 0, later, AbortSignal.timeout(6_000));
  expect([...words.rows.keys()]).toEqual(['b']);
});

test('a table whose records are all gone ends where it ended', async () => {
  const words = new Words(await stream.newTopic(1, 1));
  const last = await write(words.topic.name, 'a', 'one');
  const partitions = [{ partition: 0, offset: String(last + 1n) }];
  await stream.admin.fetchTopicOffsets(words.topic.name); // deleteTopicRecords needs the metadata that this loads
  await stream.admin.deleteTopicRecords({ topic: words.topic.name, partitions });
  const reader = await read(words);
  expect(words.rows.size).toBe(0);
  expect(reader.position(words.topic.name, 0)).toBe(last + 1n);
});

test('more than one fetch is read to the end', async () => {
  const words = new Words(await stream.newTopic(1, 'compacted'));
  const value = wordCodec.encode('x'.repeat(900_000));
  for (let key = 0; key < 6; key += 1)
    await producer.send([{ topic: words.topic.name, partition: 0, key: String(key), value }]);
  await read(words);
  expect(words.rows.size).toBe(6);
});

test('a record that cannot be read is left out and told, and the rest is there', async () => {
  const words = new Words(await stream.newTopic(1, 'compacted'));
  const notices: KafkaNotice[] = [];
  await producer.send([{ topic: words.topic.name, partition: 0, key: 'a', value: Buffer.from('no Avro') }]);
  await write(words.topic.name, 'b', 'two');
  await read(words, notices);
  expect([...words.rows]).toEqual([['b', 'two']]);
  expect(notices).toMatchObject([{ level: 'error', fields: { topic: words.topic.name, code: 'undecodable_record' } }]);
});

test('who waits for an offset stops waiting with the signal', async () => {
  const words = new Words(await stream.newTopic(1, 'compacted'));
  const reader = await read(words);
  const waiting = reader.reached(words.topic.name, 0, 0n, AbortSignal.timeout(50));
  await expect(waiting).rejects.toThrow('timeout');
  await vi.waitFor(async () => expect(await write(words.topic.name, 'a', 'one')).toBe(0n));
});
