import { deviceKey, type RawMessage } from '@millrace/contracts';
import { partitionOf } from '@millrace/kafka';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { partitionBatchesOf, recordMessageBytesMax, recordMessagesMax } from './partition-batches.ts';
import { accept } from './raw-message.ts';
import { anyReceived, received } from './testing/received.ts';

test('a batch closes at 500 messages', () => {
  const accepted = accept(
    Array.from({ length: 1_001 }, () => received()),
    0,
  );
  expect(partitionBatchesOf([accepted], 12).map(({ messages }) => messages.length)).toEqual([500, 500, 1]);
});

test('a batch closes at 512 KiB, and a larger message travels alone', () => {
  const sizes = [200_000, 200_000, 200_000, 700_000, 10];
  const accepted = sizes.map((bytes) => accept([received({ payload: Buffer.alloc(bytes) })], 0));
  expect(partitionBatchesOf(accepted, 12).map(({ messages }) => messages.length)).toEqual([2, 1, 1, 1]);
});

const calls = fc
  .array(fc.array(fc.tuple(anyReceived, fc.constantFrom(1, 1, 1, 20_000, 300_000)), { maxLength: 40 }), {
    maxLength: 8,
  })
  .map((lists) => lists.map((list) => list.map(([message, bytes]) => ({ ...message, payload: Buffer.alloc(bytes) }))));

test('every message is in one batch of its own partition, in order, and no batch is too large', () => {
  fc.assert(
    fc.property(calls, fc.integer({ min: 1, max: 12 }), (lists, partitions) => {
      const accepted = lists.map((messages) => accept(messages, 0));
      const sizes = new Map(
        accepted.flatMap(({ messages, bytes }) => messages.map((one, i) => [one, bytes[i]!] as const)),
      );
      const all = accepted.flatMap(({ messages }) => messages);
      const batches = partitionBatchesOf(accepted, partitions);
      for (let partition = 0; partition < partitions; partition += 1) {
        const expected = all.filter((message) => partitionIn(message, partitions) === partition);
        expect(batches.filter((batch) => batch.partition === partition).flatMap(({ messages }) => messages)).toEqual(
          expected,
        );
      }
      expect(batches.reduce((sum, { messages }) => sum + messages.length, 0)).toBe(all.length);
      for (const { messages } of batches) {
        expect(messages.length).toBeLessThanOrEqual(recordMessagesMax);
        const bytes = messages.reduce((sum, message) => sum + sizes.get(message)!, 0);
        expect(messages.length === 1 || bytes <= recordMessageBytesMax).toBe(true);
      }
    }),
    { numRuns: 50 },
  );
});

function partitionIn({ tenant, deviceUid }: RawMessage, partitions: number): number {
  return partitionOf(deviceKey(tenant, deviceUid), partitions);
}
