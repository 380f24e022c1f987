/** Messages and a codec for tests. */
import { type RawBatch, type ReceivedMessage, schemaOf, topics } from '@millrace/contracts';
import { AvroCodec } from '@millrace/kafka';
import fc from 'fast-check';

/** The real encoding without a registry. */
export function newCodec(): AvroCodec<RawBatch> {
  const writerOf = (id: number): never => {
    throw new Error(`Schema ${id} was not expected.`);
  };
  return new AvroCodec<RawBatch>(schemaOf(topics.raw.name), 1, { writerOf });
}

export function received(own: Partial<ReceivedMessage> = {}): ReceivedMessage {
  return {
    tenant: 'demo',
    deviceUid: 'd1',
    identificationCode: null,
    senderId: null,
    timeMicros: null,
    repeated: false,
    contentType: 'application/octet-stream',
    attributes: {},
    payload: Buffer.from('frame'),
    ...own,
  };
}

/** Any message that a protocol may hand over; some devices send often. */
export const anyReceived: fc.Arbitrary<ReceivedMessage> = fc.record({
  tenant: fc.constantFrom('demo', 'acme'),
  deviceUid: fc.oneof(fc.constantFrom('d1', 'd2', 'd3'), fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/)),
  identificationCode: fc.option(fc.string({ unit: 'grapheme' })),
  senderId: fc.option(fc.string()),
  timeMicros: fc.option(fc.integer({ min: 0, max: 4_000_000_000_000_000 })),
  repeated: fc.boolean(),
  contentType: fc.string(),
  attributes: fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' })),
  payload: fc.uint8Array({ maxLength: 400 }),
});
