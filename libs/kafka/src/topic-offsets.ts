/** Positions that Kafka keeps: what a group has committed, and where topics end. Asked rarely, over a connection of its own. */
import { setTimeout as sleep } from 'node:timers/promises';
import { backoff } from '@millrace/kernel';
import type { Admin } from 'kafkajs';
import { reasonOf, streamUnavailable } from './kafka-errors.ts';
import type { Kafka } from './kafka.ts';

/** A topic that was just created has no leader for some 100 ms. */
const attemptsMax = 10;

/** The next offset that a group will read of a partition; 0 when it has committed none. Throws `stream_unavailable`. */
export async function committedOffset(
  kafka: Kafka,
  groupId: string,
  topic: string,
  partition: number,
): Promise<bigint> {
  return (await committedOffsets(kafka, groupId, topic)).get(partition) ?? 0n;
}

/** The same of each partition in which the group has committed one. Throws `stream_unavailable`. */
export function committedOffsets(kafka: Kafka, groupId: string, topic: string): Promise<ReadonlyMap<number, bigint>> {
  return asking(kafka, async (admin) => {
    const [found] = await admin.fetchOffsets({ groupId, topics: [topic] });
    const committed = (found?.partitions ?? []).map(({ partition, offset }) => [partition, BigInt(offset)] as const);
    return new Map(committed.filter(([, offset]) => offset >= 0n));
  });
}

/** One past the last offset of each partition of a topic, by partition. Throws `stream_unavailable`. */
export function endOffsets(kafka: Kafka, topic: string): Promise<ReadonlyMap<number, bigint>> {
  return asking(kafka, async (admin) => {
    const offsets = await admin.fetchTopicOffsets(topic);
    return new Map(offsets.map(({ partition, high }) => [partition, BigInt(high)]));
  });
}

export interface GroupTopic {
  readonly groupId: string;
  readonly topic: string;
}

/**
 * How far each group is behind the end of its topic, in offsets by partition, in the order of the question. A group that has
 * committed nothing begins at the beginning. Markers of transactions have offsets too. Throws `stream_unavailable`.
 */
export function offsetsBehind(
  kafka: Kafka,
  groups: readonly GroupTopic[],
): Promise<readonly ReadonlyMap<number, bigint>[]> {
  return asking(kafka, async (admin) => {
    const names = [...new Set(groups.map(({ topic }) => topic))];
    const found = await Promise.all(names.map((name) => admin.fetchTopicOffsets(name)));
    const boundsOf = new Map(names.map((name, index) => [name, found[index] ?? []]));
    return Promise.all(
      groups.map(async ({ groupId, topic }) => {
        const [committed] = await admin.fetchOffsets({ groupId, topics: [topic] });
        const offsets = new Map(committed?.partitions.map(({ partition, offset }) => [partition, BigInt(offset)]));
        return new Map(
          boundsOf.get(topic)?.map(({ partition, low, high }) => {
            const next = offsets.get(partition) ?? -1n;
            return [partition, BigInt(high) - (next < 0n ? BigInt(low) : next)];
          }),
        );
      }),
    );
  });
}

async function asking<T>(kafka: Kafka, question: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.newClient().admin();
  const delays = backoff({ delayMsMin: 20, delayMsMax: 200 });
  try {
    await admin.connect();
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await question(admin);
      } catch (error) {
        if (attempt === attemptsMax || !isRetriable(error)) throw error;
        await sleep(delays.next());
      }
    }
  } catch (error) {
    throw streamUnavailable(`Kafka was not asked for offsets: ${reasonOf(error)}`, error);
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}

function isRetriable(error: unknown): boolean {
  return error instanceof Error && Reflect.get(error, 'retriable') === true;
}
