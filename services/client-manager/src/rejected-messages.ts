/** Keeps the messages of a connection that can never be taken as dead letters of the raw topic. */
import { randomBytes } from 'node:crypto';
import { deviceKey, type RawBatch, type ReceivedMessage, topics } from '@millrace/contracts';
import type { RejectedMessage, RejectedMessageStore } from '@millrace/connectors';
import { type AvroCodec, type DeadLetter, type DeadLetterWriter, partitionOf } from '@millrace/kafka';
import type { Clock } from '@millrace/kernel';

/** They were refused before they had an offset. */
const noOffset = -1n;

const messageIdBytes = 16;

export interface RejectedMessagesParts {
  readonly letters: Pick<DeadLetterWriter, 'write'>;
  readonly codec: Pick<AvroCodec<RawBatch>, 'encode'>;
  /** The raw record's fields beside its messages. */
  readonly origin: Omit<RawBatch, 'messages'>;
  readonly clock: Clock;
  /** Ends the writing when the service leaves. */
  readonly signal: AbortSignal;
}

export class RejectedMessages implements RejectedMessageStore {
  readonly #parts: RejectedMessagesParts;

  constructor(parts: RejectedMessagesParts) {
    this.#parts = parts;
  }

  async keep(rejected: readonly RejectedMessage[]): Promise<void> {
    const { letters, signal } = this.#parts;
    await letters.write(
      rejected.map((message) => this.#letterOf(message)),
      signal,
    );
  }

  /** A raw record with the one message, in the partition that its device would have had. */
  #letterOf({ code, detail, message }: RejectedMessage): DeadLetter {
    const { origin, codec, clock } = this.#parts;
    const key = deviceKey(message.tenant, message.deviceUid);
    return {
      topic: topics.raw.name,
      partition: partitionOf(key, topics.raw.partitions),
      offset: noOffset,
      index: null,
      key,
      value: codec.encode({ ...origin, messages: [this.#rawMessageOf(message)] }),
      code,
      message: detail,
      stage: `client-manager.${origin.protocol}`,
      attempt: 1,
      timestampMs: clock.nowMs(),
    };
  }

  #rawMessageOf(message: ReceivedMessage): RawBatch['messages'][number] {
    const { payload } = message;
    return {
      ...message,
      messageId: randomBytes(messageIdBytes),
      receivedAtMicros: Math.floor(this.#parts.clock.nowMs() * 1000),
      payload: Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength),
    };
  }
}
