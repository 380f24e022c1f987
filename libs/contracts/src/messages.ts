/** The door between those who receive bytes (gateways, connectors) and the stream. */
import type { RawMessage } from './generated/telemetry.raw.v1.ts';

/** A message as a protocol hands it over; who writes it into the stream adds the id and the time of receipt. */
export interface ReceivedMessage {
  readonly tenant: string;
  readonly deviceUid: string;
  readonly identificationCode: string | null;
  /** The sender's own id of the message: a re-sent one is recognised by it. Null: none. */
  readonly senderId: string | null;
  /** Time in the protocol's envelope, UTC microseconds; null: none. */
  readonly timeMicros: number | null;
  /** The protocol says that it sends the message again (MQTT DUP). */
  readonly repeated: boolean;
  readonly contentType: string;
  readonly attributes: RawMessage['attributes'];
  readonly payload: Uint8Array;
}

export interface MessageSink {
  /**
   * Takes messages of one connection or request, and so of one tenant, in order. The promise resolves with their ids (same
   * order) when all are durable in Kafka, and only then the sender may get its receipt. It is one promise per call, so call it
   * with many. Never throws: the promise rejects. When the limit of messages in flight is reached it has rejected with
   * `overloaded` before the next turn of the event loop, and none of the messages was taken; so it is with `quota_exceeded`,
   * which says when to come again.
   */
  accept(messages: readonly ReceivedMessage[]): Promise<readonly Uint8Array[]>;
}
