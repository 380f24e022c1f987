export { AvroCodec } from './avro-codec.ts';
export { BatchConsumer, type BatchConsumerOptions } from './batch-consumer.ts';
export { type DeadLetter, DeadLetterWriter } from './dead-letter-writer.ts';
export { ensureTopics } from './ensure-topics.ts';
export { GroupProgress, type Offsets } from './group-progress.ts';
export { createKafka, type Kafka, type KafkaNotice, type KafkaOptions } from './kafka.ts';
export type { OutgoingRecord } from './outgoing-record.ts';
export { partitionOf } from './partition-of.ts';
export type { Receipt } from './receipt.ts';
export type { ConsumedRecord, RecordBatch } from './record-batch.ts';
export { recordBytesMax } from './record-limits.ts';
export { RecordProducer, type RecordProducerOptions } from './record-producer.ts';
export { readToEnd } from './read-to-end.ts';
export { connectRegistry, type Registry, type RegistryOptions } from './registry.ts';
export { startLevel } from './start-level.ts';
export {
  ProducerFenced,
  TransactionalProducer,
  TransactionUndecided,
  type TransactionWork,
} from './transactional-producer.ts';
export { readTables, type TableReader } from './table-reader.ts';
export { followEnd, type FollowedTopic, type TopicFollower } from './topic-follower.ts';
export { longestStayMs, topicSettings } from './topic-settings.ts';
export type { Table } from './topic-table.ts';
export { committedOffset, committedOffsets, endOffsets, type GroupTopic, offsetsBehind } from './topic-offsets.ts';
