import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { BatchConsumer } from './batch-consumer.ts';
import { GroupProgress } from './group-progress.ts';
import { RecordProducer } from './record-producer.ts';
import { newKafka, numbered, TestStream } from './test-stream.ts';

const stream = new TestStream();
const producer = new RecordProducer(stream.kafka);

beforeAll(() => stream.admin.connect());
afterAll(() => Promise.all([producer.close(), stream.close()]));

test('how far a group is can be asked again and again, also after a failure and before it has committed anything', async () => {
  const [topic, groupId] = [await stream.newTopic(2), `test.${randomUUID()}`];
  const progress = new GroupProgress(newKafka(), groupId, topic);
  await producer.send(numbered(topic, 1, 0, 7));
  expect(await progress.committed()).toEqual(new Map());
  expect(await progress.ends()).toEqual(
    new Map([
      [0, 0n],
      [1, 7n],
    ]),
  );
  const consumer = new BatchConsumer(newKafka(), {
    groupId,
    topics: [topic],
    waitMsMax: 50,
    handle: async (batch) => batch.settle(5),
    onCrash: () => undefined,
  });
  await consumer.start();
  await vi.waitFor(async () => expect(await progress.committed()).toEqual(new Map([[1, 5n]])), 10_000);
  await consumer.stop();
  await progress.close();
  expect(await progress.committed()).toEqual(new Map([[1, 5n]]));
  await progress.close();
});

test('who cannot be asked says so, and is asked anew', async () => {
  const topic = `test.${randomUUID()}`;
  const progress = new GroupProgress(newKafka(), 'test', topic);
  await expect(progress.ends()).rejects.toMatchObject({ code: 'stream_unavailable', retry: 'later' });
  await stream.newTopic(1, 1, topic);
  await vi.waitFor(async () => expect(await progress.ends()).toEqual(new Map([[0, 0n]])), 10_000);
  await progress.close();
});
