import { randomUUID } from 'node:crypto';
import { MillraceError, type Topic } from '@millrace/contracts';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { AvroCodec } from './avro-codec.ts';
import { createKafka, type KafkaNotice } from './kafka.ts';
import { RecordProducer } from './record-producer.ts';
import { type Codecs, readTables, type TableReader } from './table-reader.ts';
import { TestStream } from './test-stream.ts';
import { TransactionalProducer } from './transactional-producer.ts';
import { testAddresses } from '@millrace/testkit';

const stream = new TestStream();
const producer = new RecordProducer(stream.kafka);
const readers: TableReader[] = [];
const never = new AbortController().signal;

beforeAll(() => stream.admin.connect());
afterEach(() => Promise.all(readers.splice(0).map((reader) => reader.close())));
afterAll(() => Promise.all([producer.close(), stream.close()]));

const codec = new AvroCodec<string>('string', 1, {
  writerOf: () => {
    throw new MillraceError('unknown_schema', 'There is no other.');
  },
});
const codecs = { codec: () => Promise.resolve(codec), prepare: () => undefined } as unknown as Codecs;

/** A table that is a map. */
class Words {
  readonly topic: Topic;
  readonly rows = new Map<string, string>();

  constructor(name: string) {
    this.topic = {
      name,
      key: 'entity id',
      partitions: 1,
      retention: 'compacted',
      owner: 'api',
      audience: 'internal',
      schema: true,
    };
  }

  apply(key: string, value: string | null): void {
    if (value === null) this.rows.delete(key);
    else this.rows.set(key, value);
  }
}

async function read(words: Words, notices: KafkaNotice[] = []): Promise<TableReader> {
  const onNotice = (notice: KafkaNotice): void => void notices.push(notice);
  const kafka = createKafka({ brokers: [testAddresses.kafka], clientId: 'test', onNotice });
  const reader = await readTables(kafka, codecs, [words], AbortSignal.timeout(10_000));
  readers.push(reader);
  return reader;
}

async function write(topic: string, key: string, value: string | null): Promise<bigint> {
  const bytes = value === null ? null : codec.encode(value);
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

test('a table that ends with the marker of a transaction is read to its end', async () => {
  const words = new Words(await stream.newTopic(1, 'compacted'));
  const transactional = new TransactionalProducer(stream.kafka, `test.${randomUUID()}`);
  await transactional.connect();
  const record = { topic: words.topic.name, partition: 0, key: 'a', value: codec.encode('one') };
  await transactional.transaction({ records: [record] });
  await transactional.close();
  const reader = await read(words);
  expect([...words.rows]).toEqual([['a', 'one']]);
  expect(reader.position(words.topic.name, 0)).toBe(2n);
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
  const value = codec.encode('x'.repeat(900_000));
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
