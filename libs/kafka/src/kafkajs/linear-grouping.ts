/**
 * kafkajs 2.2.4 sorts the messages of a produce request into partitions by copying the list so far for each message, which
 * is quadratic. And it drops a message whose partition the topic does not have, without a word.
 */
import { replaceInternalModule } from './internals.ts';

interface Grouping {
  readonly topic: string;
  readonly partitionMetadata: readonly { readonly partitionId: number }[];
  readonly messages: readonly { readonly partition: number }[];
}

replaceInternalModule('producer/groupMessagesPerPartition.js', groupByPartition);

export function groupByPartition({ topic, partitionMetadata, messages }: Grouping): Record<number, object[]> {
  const groups: Record<number, object[]> = {};
  for (const message of messages) (groups[message.partition] ??= []).push(message);
  for (const partition of Object.keys(groups))
    if (!partitionMetadata.some(({ partitionId }) => partitionId === Number(partition)))
      throw Object.assign(new Error(`Topic ${topic} has no partition ${partition}.`), { retriable: true });
  return groups;
}
