/** How large a record may be. Kafka's own limit counts the batch it travels in, as compressed; these count it before that. */
import { isDeadLetterTopic } from '@millrace/contracts';

/** Kafka refuses record batches over 1 MiB (`message.max.bytes`); a record alone in one must fit with the batch's header. */
export const recordBytesMax = 1_000_000;

/**
 * `max.message.bytes` of a dead-letter topic: the largest record that any producer brings into another topic fits, and what
 * a letter adds to it.
 */
export const deadLetterBatchBytesMax = 2 * 1024 * 1024;

/** A letter alone in its batch fits with the batch's header, also where none of it can be compressed. */
export const deadLetterBytesMax = 2_000_000;

export function recordBytesMaxOf(topic: string): number {
  return isDeadLetterTopic(topic) ? deadLetterBytesMax : recordBytesMax;
}
