/** All records of a topic up to where it ends now, decoded, in the order of each partition. */
import type { Topic } from '@millrace/contracts';
import { BatchConsumer, connectRegistry, createKafka, endOffsets } from '@millrace/kafka';
import { randomUUID } from 'node:crypto';
import { vi } from 'vitest';
import type { Stack } from '../stack/index.ts';

const readMsMax = 60_000;

export interface ReadRecord<T> {
  readonly partition: number;
  readonly key: string;
  readonly value: T;
}

/** Records of aborted transactions are left out. */
export async function readTopic<T>(stack: Stack, topic: Topic): Promise<ReadRecord<T>[]> {
  const kafka = createKafka({ brokers: [stack.address('kafka')], clientId: 'integrity' });
  const registry = connectRegistry({ url: stack.address('registry') });
  const codec = await registry.codec<T>(topic);
  const ends = await endOffsets(kafka, topic.name);
  const open = new Set([...ends].filter(([, end]) => end > 0n).map(([partition]) => partition));
  const records: ReadRecord<T>[] = [];
  const consumer = new BatchConsumer(kafka, {
    groupId: `integrity.${randomUUID()}`,
    topics: [topic.name],
    readCommitted: true,
    onCrash: (error) => {
      throw error;
    },
    handle: async (batch) => {
      await registry.prepare(batch.records);
      for (const { key, value } of batch.records)
        if (value) records.push({ partition: batch.partition, key: key?.toString() ?? '', value: codec.decode(value) });
      batch.settle(batch.records.length);
      // The last offset of a transactional partition is its marker, which is never delivered.
      const read = BigInt(batch.records.at(-1)?.offset ?? 0) + 2n;
      if (read >= (ends.get(batch.partition) ?? 0n)) open.delete(batch.partition);
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
