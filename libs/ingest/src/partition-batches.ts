/** Sorts messages into raw records: one partition each, in order of receipt, bounded in messages and bytes. */
import { deviceKey, type RawMessage } from '@millrace/contracts';
import { partitionOf } from '@millrace/kafka';
import type { Accepted } from './raw-message.ts';

/** A record is parsed, committed and dead-lettered by its messages: more would make the steps coarse. */
export const recordMessagesMax = 500;
/** Half of what Kafka takes in one record batch; a single larger message travels alone. */
export const recordMessageBytesMax = 512 * 1024;

export interface PartitionBatch {
  readonly partition: number;
  readonly messages: readonly RawMessage[];
}

interface Filling extends PartitionBatch {
  readonly messages: RawMessage[];
  bytes: number;
}

/** Every message is in exactly one batch; within a partition the order of the batches is the order of the messages. */
export function partitionBatchesOf(accepted: readonly Accepted[], partitions: number): readonly PartitionBatch[] {
  const batches: Filling[] = [];
  const filling: (Filling | undefined)[] = [];
  for (const { messages, bytes } of accepted)
    for (let index = 0; index < messages.length; index += 1) {
      const message = messages[index]!;
      const messageBytes = bytes[index]!;
      const partition = partitionOf(deviceKey(message.tenant, message.deviceUid), partitions);
      let batch = filling[partition];
      if (!batch || isFull(batch, messageBytes)) {
        batch = { partition, messages: [], bytes: 0 };
        filling[partition] = batch;
        batches.push(batch);
      }
      batch.messages.push(message);
      batch.bytes += messageBytes;
    }
  return batches;
}

function isFull({ messages, bytes }: Filling, messageBytes: number): boolean {
  return messages.length === recordMessagesMax || bytes + messageBytes > recordMessageBytesMax;
}
