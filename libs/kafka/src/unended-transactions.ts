/** Transactions that have not ended: readers of committed records get no further than where the first of them begins. */
import { type Cluster, newCluster, readCommitted, readUncommitted } from './kafkajs/cluster.ts';
import type { Kafka } from './kafka.ts';
import type { TopicPartition } from './partition-reader.ts';

/** The partitions of these topics in which one has begun and not ended at this moment. */
export async function unendedTransactions(kafka: Kafka, topics: readonly string[]): Promise<readonly TopicPartition[]> {
  // First what is committed: what comes in between has to look unended rather than the other way round.
  const committed = await endsOf(newCluster(kafka.newClient(), readCommitted), topics);
  const all = await endsOf(newCluster(kafka.newClient(), readUncommitted), topics);
  return all
    .filter(({ end }, index) => end > committed[index]!.end)
    .map(({ topic, partition }) => ({ topic, partition }));
}

async function endsOf(
  cluster: Cluster,
  topics: readonly string[],
): Promise<readonly (TopicPartition & { readonly end: bigint })[]> {
  try {
    await cluster.connect();
    await cluster.addMultipleTargetTopics(topics);
    const wanted = topics.map((topic) => ({
      topic,
      partitions: cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => ({ partition: partitionId })),
      fromBeginning: false,
    }));
    const found = await cluster.fetchTopicsOffset(wanted);
    return found
      .flatMap(({ topic, partitions }) =>
        partitions.map(({ partition, offset }) => ({ topic, partition, end: BigInt(offset) })),
      )
      .toSorted((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1));
  } finally {
    await cluster.disconnect();
  }
}
