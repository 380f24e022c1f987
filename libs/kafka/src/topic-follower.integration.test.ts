import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BatchConsumer } from './batch-consumer.ts';
import { RecordProducer } from './record-producer.ts';
import { numbered, numbersOf, TestStream } from './test-stream.ts';
import { followEnd } from './topic-follower.ts';
import { offsetsBehind } from './topic-offsets.ts';

const stream = new TestStream();
const producer = new RecordProducer(stream.kafka);
const limit = (): AbortSignal => AbortSignal.timeout(10_000);

beforeAll(() => stream.admin.connect());
afterAll(() => Promise.all([producer.close(), stream.close()]));

test('only what comes after the end is handed on, of the partitions asked for', async () => {
  const topic = await stream.newTopic(2);
  await producer.send([...numbered(topic, 0, 0, 3), ...numbered(topic, 1, 0, 3)]);
  const read: (readonly [number, readonly number[]])[] = [];
  const follower = await followEnd(
    stream.kafka,
    [{ topic, partitions: [1] }],
    async (_, partition, records) => void read.push([partition, numbersOf(records)]),
    limit(),
  );
  await producer.send([...numbered(topic, 0, 3, 4), ...numbered(topic, 1, 10, 12)]);
  await follower.caughtUp(topic, limit());
  await follower.close();
  expect(read).toEqual([[1, [10, 11]]]);
});

test('how far a group is behind counts what it has not committed, all of it when it has committed nothing', async () => {
  const topic = await stream.newTopic(2);
  const groupId = `test.${randomUUID()}`;
  await producer.send([...numbered(topic, 0, 0, 5), ...numbered(topic, 1, 0, 2)]);
  const committed = Promise.withResolvers<void>();
  const consumer = new BatchConsumer(stream.kafka, {
    groupId,
    topics: [topic],
    handle: async (batch) => {
      if (batch.partition !== 0) return;
      batch.settle(4);
      await batch.commit();
      committed.resolve();
    },
    onCrash: committed.reject,
  });
  await consumer.start();
  await committed.promise;
  await consumer.stop();
  const [known, stranger] = await offsetsBehind(stream.kafka, [
    { groupId, topic },
    { groupId: `${groupId}.none`, topic },
  ]);
  expect(known).toEqual(
    new Map([
      [0, 1n],
      [1, 2n],
    ]),
  );
  expect(stranger).toEqual(
    new Map([
      [0, 5n],
      [1, 2n],
    ]),
  );
});
