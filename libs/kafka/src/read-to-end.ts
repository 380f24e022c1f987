/** Reads a topic once, from its beginning to where it ends at the call, without a consumer group. */
import type { Kafka } from './kafka.ts';
import { type OnRecords, PartitionReader } from './partition-reader.ts';

/**
 * Resolves when every record was handed over, in the order of each partition; those of aborted transactions are left out.
 * The records of one call lie in one partition; what was written meanwhile may be handed over as well. Waits for Kafka
 * until `signal`.
 */
export async function readToEnd(kafka: Kafka, topic: string, onRecords: OnRecords, signal: AbortSignal): Promise<void> {
  const reader = new PartitionReader(kafka, [topic], onRecords);
  try {
    await reader.start(signal);
    await reader.until(() => reader.partitions.every(({ position, end }) => position >= end), signal);
  } finally {
    await reader.close();
  }
}
