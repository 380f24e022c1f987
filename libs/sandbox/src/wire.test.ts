import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeReply, decodeRequest, encodeReply, encodeRequest, replyStatus } from './wire.ts';

const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const text = fc.string({ unit: 'grapheme' });

const request = fc.record({
  callId: u32,
  scriptId: u32,
  timeLimitMs: u32,
  patience: u32,
  count: u32,
  logs: fc.boolean(),
  source: fc.option(fc.record({ language: text, source: text }), { nil: undefined }),
  functionName: text,
  text,
  bytes: fc.uint8Array(),
});

test('a request arrives as it was sent', () => {
  fc.assert(
    fc.property(request, (sent) => {
      expect(decodeRequest(encodeRequest(sent).subarray(4))).toEqual(sent);
    }),
  );
});

test('a reply arrives as it was sent', () => {
  fc.assert(
    fc.property(
      u32,
      fc.constantFrom(...Object.values(replyStatus)),
      u32,
      u32,
      text,
      (callId, status, cpuMicros, heldKiB, body) => {
        const sent = { callId, status, cpuMicros, heldKiB, body };
        expect(decodeReply(encodeReply(sent).subarray(4))).toEqual(sent);
      },
    ),
  );
});

test('every frame begins with the number of bytes that follow', () => {
  fc.assert(
    fc.property(request, (sent) => {
      const frame = encodeRequest(sent);
      expect(frame.readUInt32LE(0)).toBe(frame.length - 4);
    }),
  );
});
