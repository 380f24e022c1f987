import { randomBytes } from 'node:crypto';
import { deadLetterTopicOf } from '@millrace/contracts';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { BatchConsumer } from './batch-consumer.ts';
import { type DeadLetter, DeadLetterWriter } from './dead-letter-writer.ts';
import { ensureTopics } from './ensure-topics.ts';
import type { ConsumedRecord } from './record-batch.ts';
import { deadLetterBytesMax, recordBytesMax } from './record-limits.ts';
import { RecordProducer } from './record-producer.ts';
import { newName, TestStream } from './test-stream.ts';

const stream = new TestStream();
const producer = new RecordProducer(stream.kafka);
const topic = newName();
const letters = {
  name: deadLetterTopicOf(topic),
  key: 'same as source',
  partitions: 1,
  retention: 1,
  owner: 'every consumer',
  audience: 'internal',
  schema: false,
} as const;

beforeAll(async () => {
  await stream.admin.connect();
  await ensureTopics(stream.kafka, [letters], { mayCreate: true });
});

afterAll(async () => {
  await producer.close();
  await stream.admin.deleteTopics({ topics: [letters.name] });
  await stream.close();
});

function letterOf(value: Buffer): DeadLetter {
  const origin = { topic, partition: 0, offset: 7n, index: null, key: null };
  const reason = { code: 'undecodable_record', message: 'ü'.repeat(500), stage: 'parser.decode', attempt: 1 } as const;
  return { ...origin, ...reason, value, timestampMs: 0 };
}

test('random bytes up to the limit of records arrive whole as letters, larger ones cut', async () => {
  const values = [randomBytes(10), randomBytes(recordBytesMax), randomBytes(2 * deadLetterBytesMax)];
  await new DeadLetterWriter(producer).write(values.map(letterOf), AbortSignal.timeout(20_000));
  const read: ConsumedRecord[] = [];
  const consumer = new BatchConsumer(stream.kafka, {
    groupId: newName(),
    topics: [letters.name],
    handle: (batch) => {
      read.push(...batch.records);
      batch.settle(batch.records.length);
      return Promise.resolve();
    },
    onCrash: (error) => expect.unreachable(String(error)),
  });
  await consumer.start(AbortSignal.timeout(20_000));
  await vi.waitFor(() => expect(read).toHaveLength(3), { timeout: 20_000 });
  await consumer.stop();
  const same = read.map(({ value }, index) => value?.equals(values[index]!.subarray(0, value.length)));
  expect(same).toEqual([true, true, true]);
  expect(read.slice(0, 2).map(({ value }) => value?.length)).toEqual([10, recordBytesMax]);
  expect(String(read[2]?.headers?.['errors.valueBytes'])).toBe(String(2 * deadLetterBytesMax));
});
