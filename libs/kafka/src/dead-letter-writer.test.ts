import { expect, test } from 'vitest';
import { type DeadLetter, DeadLetterWriter } from './dead-letter-writer.ts';
import { bytesOf } from './produce-queue.ts';
import { deadLetterBytesMax, recordBytesMax } from './record-limits.ts';
import type { OutgoingRecord } from './outgoing-record.ts';
import type { RecordProducer } from './record-producer.ts';

const letter: DeadLetter = {
  topic: 'telemetry.raw.v1',
  partition: 7,
  offset: 42n,
  index: 3,
  key: null,
  value: Buffer.from([1, 2, 3]),
  code: 'script_threw',
  message: 'x is not a function',
  stage: 'parser.script',
  attempt: 1,
  timestampMs: 0,
};

async function written(...letters: readonly DeadLetter[]): Promise<readonly OutgoingRecord[]> {
  const sent: OutgoingRecord[] = [];
  const producer = { send: (records: readonly OutgoingRecord[]) => Promise.resolve(void sent.push(...records)) };
  await new DeadLetterWriter(producer as unknown as RecordProducer).write(letters, new AbortController().signal);
  return sent;
}

test('a dead letter has the bytes untouched and says where it came from and why it died', async () => {
  expect(await written(letter)).toEqual([
    {
      topic: 'telemetry.raw.v1.dlq',
      partition: 7,
      key: null,
      value: Buffer.from([1, 2, 3]),
      headers: {
        'errors.code': 'script_threw',
        'errors.stage': 'parser.script',
        'errors.message': 'x is not a function',
        'errors.topic': 'telemetry.raw.v1',
        'errors.partition': '7',
        'errors.offset': '42',
        'errors.index': '3',
        'errors.attempt': '1',
        'errors.timestamp': '1970-01-01T00:00:00.000Z',
      },
    },
  ]);
});

test('a letter names the version of the script that failed', async () => {
  const [record] = await written({ ...letter, script: 'decode@2' });
  expect(record?.headers).toMatchObject({ 'errors.script': 'decode@2' });
});

test('a whole record has no index, and an endless message is cut', async () => {
  const [record] = await written({ ...letter, index: null, message: 'x'.repeat(10_000) });
  expect(record?.headers).not.toHaveProperty(['errors.index']);
  expect(record?.headers?.['errors.message']).toHaveLength(500);
});

test('the largest record of the stream is a letter with all its bytes', async () => {
  const value = Buffer.alloc(recordBytesMax);
  const [record] = await written({ ...letter, value });
  expect(record?.value).toBe(value);
  expect(record?.headers).not.toHaveProperty(['errors.valueBytes']);
  expect(bytesOf(record!)).toBeLessThan(deadLetterBytesMax);
});

test('what no topic takes is cut to the limit, and the letter says how long it was', async () => {
  const value = Buffer.alloc(5_000_000, 7);
  const [record] = await written({ ...letter, key: 'k'.repeat(100_000), value, message: 'ü'.repeat(500) });
  expect(record?.headers).toMatchObject({ 'errors.valueBytes': '5000000' });
  expect(record?.key).toHaveLength(65_536);
  expect(record?.value?.equals(value.subarray(0, record.value.length))).toBe(true);
  expect(bytesOf(record!)).toBeLessThanOrEqual(deadLetterBytesMax);
  expect(bytesOf(record!)).toBeGreaterThan(deadLetterBytesMax - 10_000);
});
