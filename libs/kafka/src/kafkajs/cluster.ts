/** The part of kafkajs below its consumer groups: reading partitions from any offset without being a member of anything. */
import type { Kafka as Client, KafkaMessage } from 'kafkajs';
import './record-batch-decoder.ts';
import { internalModule } from './internals.ts';

export interface FetchedPartition {
  readonly partition: number;
  /** Everything before it belongs to no open transaction. */
  readonly lastStableOffset: string;
  /** The first offset there is: kafkajs' name for `log_start_offset`. */
  readonly lastStartOffset: string;
  readonly messages: readonly KafkaMessage[];
}

export interface FetchRequest {
  readonly maxWaitTime: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly isolationLevel: number;
  readonly topics: readonly {
    readonly topic: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly fetchOffset: string;
      readonly maxBytes: number;
    }[];
  }[];
}

interface Broker {
  fetch(request: FetchRequest): Promise<{
    readonly responses: readonly { readonly topicName: string; readonly partitions: readonly FetchedPartition[] }[];
  }>;
}

export interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  refreshMetadata(): Promise<void>;
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>;
  findTopicPartitionMetadata(topic: string): readonly { readonly partitionId: number; readonly leader: number }[];
  findBroker(node: { readonly nodeId: string }): Promise<Broker>;
  fetchTopicsOffset(
    topics: readonly {
      readonly topic: string;
      readonly partitions: readonly { readonly partition: number }[];
      readonly fromBeginning: boolean;
    }[],
  ): Promise<readonly { readonly topic: string; readonly partitions: readonly PartitionOffset[] }[]>;
}

export interface PartitionOffset {
  readonly partition: number;
  readonly offset: string;
}

/** Leaves out what was aborted and the markers of transactions, as kafkajs' consumer does. */
export interface Batch {
  readonly messages: readonly KafkaMessage[];
  readonly rawMessages: readonly KafkaMessage[];
  lastOffset(): string;
}

export const Batch =
  internalModule<new (topic: string, fetchedOffset: string, partition: FetchedPartition) => Batch>('consumer/batch');

/** Of Kafka's isolation levels the one that waits for the end of transactions. */
export const readCommitted = 1;
export const readUncommitted = 0;

type CreateCluster = (options: {
  readonly metadataMaxAge: number;
  readonly allowAutoTopicCreation: boolean;
  readonly isolationLevel: number;
}) => Cluster;

const metadataMsMax = 300_000;

/** A connection to the cluster of a client. Ends of partitions are those that the isolation level says. */
export function newCluster(client: Client, isolationLevel: number = readCommitted): Cluster {
  const symbol = Object.getOwnPropertySymbols(client).find(
    ({ description }) => description === 'private:Kafka:createCluster',
  );
  if (!symbol) throw new Error('This kafkajs keeps its cluster elsewhere than 2.2.4.');
  const createCluster = Reflect.get(client, symbol) as CreateCluster;
  return createCluster({ metadataMaxAge: metadataMsMax, allowAutoTopicCreation: false, isolationLevel });
}
