/** What the catalogue says of a topic, in Kafka's own settings. */
import { isDeadLetterTopic, type Topic } from '@millrace/contracts';
import { deadLetterBatchBytesMax } from './record-limits.ts';

const hourMs = 3_600_000;

/** Neither retention nor compaction touches the segment that is written: with a new one each day both are a day late at most. */
const segmentMs = 24 * hourMs;

/** What was replaced or deleted in a compacted topic is gone after it, however little is written. */
const compactionMsMax = 7 * 24 * hourMs;

export interface TopicSettings {
  readonly 'cleanup.policy': 'compact' | 'delete';
  readonly 'retention.ms'?: number;
  readonly 'segment.ms': number;
  readonly 'max.compaction.lag.ms'?: number;
  readonly 'max.message.bytes'?: number;
}

export function topicSettings({ name, retention }: Topic): TopicSettings {
  return {
    ...(retention === 'compacted'
      ? { 'cleanup.policy': 'compact', 'max.compaction.lag.ms': compactionMsMax }
      : { 'cleanup.policy': 'delete', 'retention.ms': retention * hourMs }),
    'segment.ms': segmentMs,
    ...(isDeadLetterTopic(name) && { 'max.message.bytes': deadLetterBatchBytesMax }),
  };
}

/** After so long a record that is written now has left Kafka, or was replaced and is gone: milliseconds. */
export function longestStayMs(topic: Topic): number {
  const { 'retention.ms': retentionMs = compactionMsMax } = topicSettings(topic);
  return retentionMs + segmentMs;
}
