import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chunksOf, tenantChunk } from './raw-chunk.ts';
import { noneStale, type TakenRecord } from './taken-messages.ts';
import { rawBatch, rawMessage } from './testing/raw-messages.ts';

const missing = { code: 'unknown_device', detail: '' } as const;

function takenRecords(counts: readonly number[], tenant = 'acme'): readonly TakenRecord[] {
  return counts.map((count, recordIndex) => ({
    failure: undefined,
    stale: noneStale,
    messages: Array.from({ length: count }, (_, index) => ({
      message: rawMessage({ tenant }),
      origin: { topic: 'raw', partition: 0, offset: String(recordIndex), timestampMs: 0, raw: rawBatch([]) },
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

test('a chunk of one tenant ends before the next tenant, before it is too large, and at a record that cannot be read', () => {
  const unreadable: TakenRecord = {
    failure: { code: 'undecodable_record', detail: '' },
    messages: [],
    stale: noneStale,
  };
  const records = [...takenRecords([4, 4, 4]), ...takenRecords([1, 1], 'other'), unreadable, ...takenRecords([30])];
  const ends: number[] = [];
  for (let from = 0; from < records.length; from = ends.at(-1)!) ends.push(tenantChunk(records, from, 7, 10).end);
  expect(ends).toEqual([2, 3, 5, 6, 7]);
});
