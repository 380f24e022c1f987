/** What becomes of received messages when they are taken: id, time of receipt, size. */
import type { RawMessage, ReceivedMessage } from '@millrace/contracts';
import { messageIdOf } from './message-id.ts';

/** The messages of one call; `bytes[i]` bounds the encoded size of `messages[i]`. */
export interface Accepted {
  readonly messages: readonly RawMessage[];
  readonly bytes: readonly number[];
  readonly bytesTotal: number;
  readonly bytesLargest: number;
}

/** Id, times, flags, and the lengths of all fields in Avro, rounded up. */
const fixedBytes = 96;
/** Lengths of an attribute's name and value, rounded up. */
const attributeFixedBytes = 8;
/** UTF-8 needs no more for a UTF-16 unit. */
const unitBytesMax = 3;

/** `receivedAtMicros`: UTC; one time for the whole call, taken once, so that parsing again gives the same rows. */
export function accept(received: readonly ReceivedMessage[], receivedAtMicros: number): Accepted {
  const messages: RawMessage[] = [];
  const bytes: number[] = [];
  let bytesTotal = 0;
  let bytesLargest = 0;
  for (const message of received) {
    const size = bytesMaxOf(message);
    messages.push(rawMessageOf(message, receivedAtMicros));
    bytes.push(size);
    bytesTotal += size;
    bytesLargest = Math.max(bytesLargest, size);
  }
  return { messages, bytes, bytesTotal, bytesLargest };
}

function rawMessageOf(message: ReceivedMessage, receivedAtMicros: number): RawMessage {
  const { payload } = message;
  return {
    messageId: messageIdOf(message.tenant, message.deviceUid, message.senderId),
    tenant: message.tenant,
    deviceUid: message.deviceUid,
    identificationCode: message.identificationCode,
    receivedAtMicros,
    timeMicros: message.timeMicros,
    repeated: message.repeated,
    contentType: message.contentType,
    attributes: message.attributes,
    payload: Buffer.isBuffer(payload) ? payload : Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength),
  };
}

function bytesMaxOf({
  tenant,
  deviceUid,
  identificationCode,
  contentType,
  attributes,
  payload,
}: ReceivedMessage): number {
  const nameUnits = tenant.length + deviceUid.length + (identificationCode?.length ?? 0) + contentType.length;
  let bytes = fixedBytes + payload.byteLength + nameUnits * unitBytesMax;
  for (const name in attributes) bytes += attributeFixedBytes + (name.length + attributes[name]!.length) * unitBytesMax;
  return bytes;
}
