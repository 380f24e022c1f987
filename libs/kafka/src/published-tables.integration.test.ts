/** Tables whose writer says in `config.published.v1` how far they belong together. */
import { randomUUID } from 'node:crypto';
import { type PublishedPosition, topics } from '@millrace/contracts';
import { testAddresses } from '@millrace/testkit';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { ensureTopics } from './ensure-topics.ts';
import { createKafka, type KafkaNotice } from './kafka.ts';
import type { OutgoingRecord } from './outgoing-record.ts';
import { RecordProducer } from './record-producer.ts';
import { connectRegistry } from './registry.ts';
import { readTables, type TableReader } from './table-reader.ts';
import { TestStream } from './test-stream.ts';
import { codecs, wordCodec, Words } from './testing/test-table.ts';
import { TransactionalProducer } from './transactional-producer.ts';
import { unendedTransactions } from './unended-transactions.ts';

const stream = new TestStream();
const producer = new RecordProducer(stream.kafka);
const registry = connectRegistry({ url: testAddresses.registry });
const limit = (): AbortSignal => AbortSignal.timeout(20_000);
const marked = new Set<string>();
const readers: TableReader[] = [];

beforeAll(async () => {
  await stream.admin.connect();
  await ensureTopics(stream.kafka, [topics.configPublished], { mayCreate: true });
});
afterEach(() => Promise.all(readers.splice(0).map((reader) => reader.close())));
afterAll(async () => {
  const { name } = topics.configPublished;
  await producer.send([...marked].map((key) => ({ topic: name, partition: 0, key, value: null })));
  await Promise.all([producer.close(), stream.close()]);
});

function newTopic(name = `config.test-${randomUUID().slice(0, 8)}.v1`): Promise<string> {
  return stream.newTopic(1, 'compacted', name);
}

async function read(words: Words, notices: KafkaNotice[] = []): Promise<TableReader> {
  const onNotice = (notice: KafkaNotice): void => void notices.push(notice);
  const kafka = createKafka({ brokers: [testAddresses.kafka], clientId: 'test', onNotice });
  const reader = await readTables(kafka, codecs, [words], limit());
  readers.push(reader);
  return reader;
}

const wordOf = (topic: string, key: string, value: string | null): OutgoingRecord => ({
  topic,
  partition: 0,
  key,
  value: value === null ? null : wordCodec.encode(value),
});

async function markOf(topic: string, offset: number | bigint, key = `${topic}/0`): Promise<OutgoingRecord> {
  const codec = await registry.codec<PublishedPosition>(topics.configPublished);
  const mark = { topic, partition: 0, offset: Number(offset), publishedAtMicros: Date.now() * 1_000 };
  marked.add(key);
  return { topic: topics.configPublished.name, partition: 0, key, value: codec.encode(mark) };
}

/** Writes the words, then says that they belong together. */
async function publish(topic: string, words: Readonly<Record<string, string>>): Promise<void> {
  const receipt = await producer.send(Object.entries(words).map(([key, value]) => wordOf(topic, key, value)));
  await producer.send([await markOf(topic, receipt.lastOffset(topic, 0) ?? -1n)]);
}

async function inTransaction(records: readonly OutgoingRecord[]): Promise<void> {
  const transactional = new TransactionalProducer(stream.kafka, `test.${randomUUID()}`);
  await transactional.connect();
  await transactional.transaction({ records });
  await transactional.close();
}

test('a start waits for the record that was published last, and not for a mark that was aborted', async () => {
  const topic = await newTopic();
  const writer = stream.kafka
    .newClient()
    .producer({ transactionalId: `test.${randomUUID()}`, idempotent: true, maxInFlightRequests: 1 });
  await writer.connect();
  const aborted = await writer.transaction();
  const { topic: published, ...mark } = await markOf(topic, 1_000);
  await aborted.send({ topic: published, messages: [mark] });
  await aborted.abort();
  await writer.disconnect();
  await producer.send([await markOf(topic, 0)]);

  const [words, notices]: [Words, KafkaNotice[]] = [new Words(topic), []];
  let started = false;
  const starting = read(words, notices).then(() => (started = true));
  const other = new Words(await newTopic());
  await read(other); // As long as a start takes that waits for nothing.
  expect(started).toBe(false);
  await producer.send([wordOf(topic, 'a', 'one')]);
  await starting;
  expect([...words.rows]).toEqual([['a', 'one']]);
  expect(notices).toEqual([]);
});

test('records and their mark in one transaction are there together at a start', async () => {
  const topic = await newTopic();
  await inTransaction([wordOf(topic, 'a', 'one'), wordOf(topic, 'b', 'two'), await markOf(topic, 1)]);
  await inTransaction([wordOf(topic, 'a', null), await markOf(topic, 3)]);
  // A commit is answered before its markers are written, which readers wait for.
  await expect.poll(() => unendedTransactions(stream.kafka, [topic]), { timeout: 5_000 }).toEqual([]);
  const words = new Words(topic);
  const reader = await read(words);
  expect([...words.rows]).toEqual([['b', 'two']]);
  expect(reader.position(topic, 0)).toBe(5n);
});

test('the last committed record of a key of config.published.v1 is found in one reading', async () => {
  const [topic, key] = [await newTopic(), `outbox-${randomUUID()}`];
  await inTransaction([await markOf(topic, 7, key)]);
  const last = await lastPublished(key);
  expect(last).toMatchObject({ topic, offset: 7 });
  expect(await lastPublished(randomUUID())).toBeUndefined();

  async function lastPublished(wanted: string): Promise<PublishedPosition | undefined> {
    let found: PublishedPosition | undefined;
    const apply = (name: string, value: PublishedPosition | null): void => {
      if (name === wanted) found = value ?? undefined;
    };
    const reader = await readTables(stream.kafka, registry, [{ topic: topics.configPublished, apply }], limit());
    await reader.close();
    return found;
  }
});

/** Of Kafka's kinds of resources. */
const topicResource = 2;

type Loss = readonly [what: string, lose: (topic: string) => Promise<unknown>, newBegin: bigint];

test.each<Loss>([
  ['records were deleted', deleteRecords, 3n],
  ['topic was deleted and made anew', makeAnew, 0n],
])(
  'a follower of a topic whose %s keeps what it had until all is published again, then has exactly that',
  async (...[, lose, newBegin]) => {
    const topic = await newTopic();
    await publish(topic, { a: 'one', b: 'two', c: 'three' });
    const words = new Words(topic);
    const reader = await read(words);
    await lose(topic);
    await vi.waitFor(() => expect(reader.isLost(topic)).toBe(true), { timeout: 15_000, interval: 20 });
    expect(words.rows.size).toBe(3);

    await producer.send([wordOf(topic, 'b', 'new')]);
    await reader.reached(topic, 0, newBegin, limit());
    expect([words.rows.get('b'), reader.position(topic, 0)]).toEqual(['two', newBegin]);

    await publish(topic, { a: 'one', d: 'four' });
    await vi.waitFor(() => expect(reader.isLost(topic)).toBe(false), { timeout: 15_000, interval: 20 });
    expect(Object.fromEntries(words.rows)).toEqual({ a: 'one', b: 'new', d: 'four' });
    expect(reader.position(topic, 0)).toBe(newBegin + 3n);
    const late = new Words(topic);
    await read(late);
    expect(late.rows).toEqual(words.rows);

    await publish(topic, { e: 'five' });
    await vi.waitFor(() => expect(words.rows.get('e')).toBe('five'), 10_000);
  },
);

/** Kafka refuses it for topics that are compacted and nothing else: somebody changed the policy first. */
async function deleteRecords(topic: string): Promise<void> {
  const configEntries = [{ name: 'cleanup.policy', value: 'compact,delete' }];
  await stream.admin.alterConfigs({
    validateOnly: false,
    resources: [{ type: topicResource, name: topic, configEntries }],
  });
  await stream.admin.fetchTopicOffsets(topic); // deleteTopicRecords needs the metadata that this loads
  await stream.admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '-1' }] });
}

async function makeAnew(topic: string): Promise<void> {
  await stream.admin.deleteTopics({ topics: [topic] });
  await newTopic(topic);
}
