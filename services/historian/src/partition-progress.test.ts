import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PartitionProgress } from './partition-progress.ts';
import { dataRowList, TestBatch } from './testing/test-batch.ts';

const batchAt = (offset: number, signal: AbortSignal, partition = 0) =>
  new TestBatch(partition, offset, [dataRowList(), dataRowList()], signal);

test('never settles beyond a batch that is not stored, and all when all are, in whatever order they end', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 }), (order) => {
      const { signal } = new AbortController();
      const progress = new PartitionProgress();
      const batches = order.map((_, index) => batchAt(index * 10, signal));
      const ends = batches.map((batch) => progress.begin(batch));
      const ended = new Set<number>();
      for (const index of order) {
        ends[index]!();
        ended.add(index);
        const firstOpen = batches.findIndex((_, other) => !ended.has(other));
        const doneBefore = firstOpen < 0 ? batches.length : firstOpen;
        const settled = batches.reduce((most, batch) => (batch.settledBefore > most ? batch.settledBefore : most), 0n);
        expect(settled).toBe(doneBefore === 0 ? 0n : BigInt((doneBefore - 1) * 10 + 2));
      }
    }),
  );
});

test('partitions do not wait for each other', () => {
  const { signal } = new AbortController();
  const progress = new PartitionProgress();
  progress.begin(batchAt(0, signal, 1));
  const other = batchAt(0, signal, 2);
  progress.begin(other)();
  expect(other.settledBefore).toBe(2n);
});

test('a new assignment may begin with an earlier offset, and does not wait for what the former one held', () => {
  const progress = new PartitionProgress();
  progress.begin(batchAt(100, new AbortController().signal));
  const batch = batchAt(50, new AbortController().signal);
  progress.begin(batch)();
  expect(batch.settledBefore).toBe(52n);
});
