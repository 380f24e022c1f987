import { afterAll, expect, test } from 'vitest';
import { readToEnd, type TopicPart } from './read-to-end.ts';
import { RecordProducer } from './record-producer.ts';
import { TestStream } from './test-stream.ts';
import { TransactionalProducer } from './transactional-producer.ts';

const stream = new TestStream();
const producer = new RecordProducer(stream.kafka);

afterAll(() => Promise.all([producer.close(), stream.close()]));

async function valuesOf(topic: string, part?: TopicPart): Promise<string[]> {
  const values: string[] = [];
  const onRecords = (_topic: string, partition: number, records: readonly { readonly value: Buffer | null }[]) => {
    for (const { value } of records) values.push(`${partition} ${String(value)}`);
    return Promise.resolve();
  };
  await readToEnd(stream.kafka, topic, onRecords, AbortSignal.timeout(10_000), part);
  return values;
}

const record = (topic: string, partition: number, value: string) => ({
  topic,
  partition,
  key: null,
  value: Buffer.from(value),
});

test('every record of every partition is read, in its order', async () => {
  await stream.admin.connect();
  const topic = await stream.newTopic(2);
  await producer.send([record(topic, 0, 'a'), record(topic, 1, 'b'), record(topic, 0, 'c')]);
  expect((await valuesOf(topic)).toSorted()).toEqual(['0 a', '0 c', '1 b']);
});

test('an empty topic, and one that ends with the marker of a transaction, come to their end', async () => {
  const topic = await stream.newTopic(1);
  expect(await valuesOf(topic)).toEqual([]);
  const transactional = new TransactionalProducer(stream.kafka, `test.${topic}`);
  await transactional.connect();
  await transactional.transaction({ records: [record(topic, 0, 'a')] });
  await transactional.close();
  expect(await valuesOf(topic)).toEqual(['0 a']);
});

test('a part is read from its offset on, and from where retention has left it', async () => {
  const topic = await stream.newTopic(2);
  const values = ['a', 'b', 'c', 'd'];
  await producer.send(values.map((value) => record(topic, 0, value)));
  await producer.send([record(topic, 1, 'other')]);
  expect(await valuesOf(topic, { partition: 0, from: 2n })).toEqual(['0 c', '0 d']);
  expect(await valuesOf(topic, { partition: 0, from: 4n })).toEqual([]);
  await stream.admin.fetchTopicOffsets(topic); // deleteTopicRecords needs the metadata that this loads
  await stream.admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '3' }] });
  expect(await valuesOf(topic, { partition: 0, from: 1n })).toEqual(['0 d']);
});
