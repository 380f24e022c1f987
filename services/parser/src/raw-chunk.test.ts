import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chunksOf } from './raw-chunk.ts';
import type { TakenRecord } from './taken-messages.ts';
import { rawBatch, rawMessage } from './testing/raw-messages.ts';

const missing = { code: 'unknown_device', detail: '' } as const;

function takenRecords(counts: readonly number[]): readonly TakenRecord[] {
  return counts.map((count, recordIndex) => ({
    raw: rawBatch([]),
    messages: Array.from({ length: count }, (_, index) => ({
      message: rawMessage(),
      recordIndex,
      index,
      recipe: missing,
    })),
  }));
}

test('chunks are whole records, in order, without gaps, and as large as allowed', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(9)), fc.nat(30), (counts, endWanted) => {
      const records = takenRecords(counts);
      const end = Math.min(endWanted, records.length);
      const chunks = chunksOf(records, end, 10);
      expect(chunks.flatMap(({ from, end: before }) => records.slice(from, before))).toEqual(records.slice(0, end));
      for (const [at, { from, end: before, messages }] of chunks.entries()) {
        expect(messages).toEqual(records.slice(from, before).flatMap((record) => record.messages));
        expect(messages.length).toBeLessThanOrEqual(10);
        const next = chunks[at + 1]?.messages.length ?? Infinity;
        expect(messages.length + (next === Infinity ? 11 : records[before]!.messages.length)).toBeGreaterThan(10);
      }
    }),
  );
});

test('a record with more messages than allowed is a chunk of its own', () => {
  const sizes = chunksOf(takenRecords([1, 12, 1]), 3, 10).map(({ messages }) => messages.length);
  expect(sizes).toEqual([1, 12, 1]);
});
