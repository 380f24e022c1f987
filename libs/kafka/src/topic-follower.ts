/** What is written to some partitions from now on, without a consumer group: for whoever waits for a certain record. */
import type { Kafka } from './kafka.ts';
import { type OnRecords, PartitionReader, type TopicPartition } from './partition-reader.ts';
import { endOffsets } from './topic-offsets.ts';

export interface FollowedTopic {
  readonly topic: string;
  /** Default: all. */
  readonly partitions?: readonly number[];
}

export interface TopicFollower {
  /** Resolves when everything that the followed partitions of the topic held at the call was handed on. */
  caughtUp(topic: string, signal: AbortSignal): Promise<void>;
  /** Waits for the fetch that is on its way. */
  close(): Promise<void>;
}

/**
 * Resolves when it is known where the partitions end: every record that is committed from then on is handed to `onRecords`,
 * in the order of its partition. Waits for Kafka until `signal`.
 */
export async function followEnd(
  kafka: Kafka,
  followed: readonly FollowedTopic[],
  onRecords: OnRecords,
  signal: AbortSignal,
): Promise<TopicFollower> {
  const topics = followed.map(({ topic }) => topic);
  const isRead = ({ topic, partition }: TopicPartition): boolean => {
    const { partitions } = followed.find((one) => one.topic === topic) ?? {};
    return partitions === undefined || partitions.includes(partition);
  };
  const reader = new PartitionReader(kafka, topics, onRecords, { isRead });
  try {
    await reader.start(signal, 'end');
  } catch (error) {
    await reader.close();
    throw error;
  }
  return {
    async caughtUp(topic, until) {
      const ends = await endOffsets(kafka, topic);
      const own = reader.partitions.filter((one) => one.topic === topic);
      await reader.until(() => own.every(({ partition, position }) => position >= (ends.get(partition) ?? 0n)), until);
    },
    close: () => reader.close(),
  };
}
