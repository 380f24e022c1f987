/** What the catalogue says of a topic, in Kafka's own settings. */
import { isDeadLetterTopic, type Topic } from '@millrace/contracts';
import { deadLetterBatchBytesMax } from './record-limits.ts';

const hourMs = 3_600_000;

/** Compaction leaves the active segment alone: a new one each day keeps a rarely written topic small. */
const compactedSegmentMs = 24 * hourMs;

export interface TopicSettings {
  readonly 'cleanup.policy': 'compact' | 'delete';
  readonly 'retention.ms'?: number;
  readonly 'segment.ms'?: number;
  readonly 'max.message.bytes'?: number;
}

export function topicSettings({ name, retention }: Topic): TopicSettings {
  return {
    ...(retention === 'compacted'
      ? { 'cleanup.policy': 'compact', 'segment.ms': compactedSegmentMs }
      : { 'cleanup.policy': 'delete', 'retention.ms': retention * hourMs }),
    ...(isDeadLetterTopic(name) && { 'max.message.bytes': deadLetterBatchBytesMax }),
  };
}
