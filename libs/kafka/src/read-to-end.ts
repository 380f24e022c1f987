/** Reads a topic once, from its beginning to where it ends at the call, or a part of it, without a consumer group. */
import type { Kafka } from './kafka.ts';
import { type OnRecords, PartitionReader, type TopicPartition } from './partition-reader.ts';

/** One partition from an offset on; what retention removed is left out. */
export interface TopicPart {
  readonly partition: number;
  readonly from: bigint;
}

/**
 * Resolves when every record was handed over, in the order of each partition; those of aborted transactions are left out.
 * The records of one call lie in one partition; what was written meanwhile may be handed over as well. Waits for Kafka
 * until `signal`.
 */
export async function readToEnd(
  kafka: Kafka,
  topic: string,
  onRecords: OnRecords,
  signal: AbortSignal,
  part?: TopicPart,
): Promise<void> {
  const isRead = ({ partition }: TopicPartition): boolean => part === undefined || partition === part.partition;
  const reader = new PartitionReader(kafka, [topic], onRecords, { isRead });
  try {
    await reader.start(signal, part?.from);
    await reader.until(() => reader.partitions.every(({ position, end }) => position >= end), signal);
  } finally {
    await reader.close();
  }
}
