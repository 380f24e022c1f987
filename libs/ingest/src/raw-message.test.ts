import fc from 'fast-check';
import { expect, test } from 'vitest';
import { accept } from './raw-message.ts';
import { anyReceived, newCodec, received } from './testing/received.ts';

const codec = newCodec();
const envelope = { ingestor: '', protocol: '', connectionId: null, epoch: -1 };
const empty = codec.encode({ ...envelope, messages: [] }).length;

test('a message keeps everything the protocol handed over, and gets its id and time of receipt', () => {
  const message = received({ identificationCode: 'SN-1', timeMicros: 5, repeated: true, attributes: { fPort: '2' } });
  const [raw] = accept([message], 1_700_000_000_000_000).messages;
  const { senderId: _senderId, ...kept } = message;
  expect(raw).toEqual({ ...kept, messageId: expect.any(Buffer), receivedAtMicros: 1_700_000_000_000_000 });
});

test('a payload inside a larger buffer is not copied and not more than itself', () => {
  const payload = new Uint8Array(Buffer.from('xxframexx').buffer, 0, 9).subarray(2, 7);
  const [raw] = accept([received({ payload })], 0).messages;
  expect(raw?.payload).toEqual(Buffer.from(payload));
  expect(raw?.payload.buffer).toBe(payload.buffer);
});

test('the size is never estimated too small, so that no record outgrows its limit', () => {
  fc.assert(
    fc.property(fc.array(anyReceived, { maxLength: 5 }), (messages) => {
      const accepted = accept(messages, 4_000_000_000_000_000);
      const encoded = codec.encode({ ...envelope, messages: accepted.messages });
      expect(accepted.bytesTotal).toBeGreaterThanOrEqual(encoded.length - empty);
      expect(accepted.bytesTotal).toBe(accepted.bytes.reduce((sum, bytes) => sum + bytes, 0));
      expect(accepted.bytesLargest).toBe(Math.max(0, ...accepted.bytes));
    }),
  );
});

test('many attributes of one letter do not make the estimate too small', () => {
  const names = Array.from({ length: 200 }, (_, index) => String.fromCodePoint(0x4e00 + index));
  const message = received({ attributes: Object.fromEntries(names.map((name) => [name, ''])) });
  const { messages, bytesTotal } = accept([message], 0);
  expect(bytesTotal).toBeGreaterThanOrEqual(codec.encode({ ...envelope, messages }).length - empty);
});

test('the size follows the payload and not the number of its messages alone', () => {
  const { bytes } = accept([received(), received({ payload: Buffer.alloc(10_000) })], 0);
  expect(bytes[1]! - bytes[0]!).toBe(10_000 - 'frame'.length);
});
