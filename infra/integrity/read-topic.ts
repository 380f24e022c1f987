/** All records of a topic up to where it ends now, in the order of each partition; those of aborted transactions are left out. */
import { randomUUID } from 'node:crypto';
import type { Topic } from '@millrace/contracts';
import { BatchConsumer, connectRegistry, type ConsumedRecord, createKafka, endOffsets } from '@millrace/kafka';
import { vi } from 'vitest';
import type { Stack } from '../stack/index.ts';

const readMsMax = 60_000;

export interface ReadRecord {
  readonly partition: number;
  readonly record: ConsumedRecord;
}

export interface ReadValue<T> {
  readonly partition: number;
  readonly key: string;
  readonly value: T;
}

/** Decoded; tombstones are left out. */
export async function readTopic<T>(stack: Stack, topic: Topic): Promise<ReadValue<T>[]> {
  const registry = connectRegistry({ url: stack.address('registry') });
  const codec = await registry.codec<T>(topic);
  const records = await readRecords(stack, topic.name);
  await registry.prepare(records.map(({ record }) => record));
  return records.flatMap(({ partition, record: { key, value } }) => {
    const decoded = value && decodedOrNone(() => codec.decode(value));
    return decoded ? [{ partition, key: key?.toString() ?? '', value: decoded }] : [];
  });
}

export async function readRecords(stack: Stack, topic: string): Promise<ReadRecord[]> {
  const kafka = createKafka({ brokers: [stack.address('kafka')], clientId: 'integrity' });
  const ends = await endOffsets(kafka, topic);
  const open = new Set([...ends].filter(([, end]) => end > 0n).map(([partition]) => partition));
  const records: ReadRecord[] = [];
  const consumer = new BatchConsumer(kafka, {
    groupId: `integrity.${randomUUID()}`,
    topics: [topic],
    readCommitted: true,
    onCrash: (error) => {
      throw error;
    },
    handle: async (batch) => {
      const { partition, records: read } = batch;
      for (const record of read) records.push({ partition, record });
      batch.settle(read.length);
      // The last offset of a transactional partition is its marker, which is never delivered.
      const next = BigInt(read.at(-1)?.offset ?? 0) + 2n;
      if (next >= (ends.get(partition) ?? 0n)) open.delete(partition);
    },
  });
  await consumer.start();
  try {
    await vi.waitUntil(() => open.size === 0, { timeout: readMsMax });
  } finally {
    await consumer.stop();
  }
  return records;
}

/** A test may have put a record there that is of no schema. */
function decodedOrNone<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch {
    return undefined;
  }
}
