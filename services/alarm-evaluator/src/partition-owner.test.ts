import { expect, test, vi } from 'vitest';
import { OwnedPartition } from './owned-partition.ts';
import { PartitionAlarms } from './partition-alarms.ts';
import { PartitionOwner } from './partition-owner.ts';
import { codecs, FakeConfiguration } from './testing/fakes.ts';

class Takeovers {
  readonly partitions: number[] = [];
  readonly closed: number[] = [];
  failure: Error | undefined;

  readonly owner = new PartitionOwner((partition) => {
    this.partitions.push(partition);
    if (this.failure) return Promise.reject(this.failure);
    const close = (): Promise<void> => Promise.resolve(void this.closed.push(partition));
    const producer = { transaction: () => Promise.resolve(), close };
    const input = { groupId: 'g', topic: 't', partition };
    const alarms = new PartitionAlarms(new FakeConfiguration().plans(), new Map());
    return Promise.resolve(new OwnedPartition(input, alarms, 0n, producer, codecs));
  });
}

const signal = new AbortController().signal;

test('a partition is taken over once in an assignment', async () => {
  const { owner, partitions } = new Takeovers();
  const first = await owner.of({ partition: 3, signal });
  expect(await owner.of({ partition: 3, signal })).toBe(first);
  expect(await owner.of({ partition: 4, signal })).not.toBe(first);
  expect(partitions).toEqual([3, 4]);
});

test('the state of one assignment is never used in the next', async () => {
  const { owner, partitions, closed } = new Takeovers();
  const assignment = new AbortController();
  const before = await owner.of({ partition: 3, signal: assignment.signal });
  assignment.abort();
  await vi.waitFor(() => expect(closed).toEqual([3]));
  expect(await owner.of({ partition: 3, signal })).not.toBe(before);
  expect(partitions).toEqual([3, 3]);
});

test('the end of an old assignment leaves the state of the new one alone', async () => {
  const { owner, closed } = new Takeovers();
  const old = new AbortController();
  await owner.of({ partition: 3, signal: old.signal });
  const current = await owner.of({ partition: 3, signal });
  old.abort();
  await vi.waitFor(() => expect(closed).toEqual([3]));
  expect(await owner.of({ partition: 3, signal })).toBe(current);
});

test('a takeover that failed is tried again by the next batch', async () => {
  const takeovers = new Takeovers();
  takeovers.failure = new Error('Kafka is away');
  await expect(takeovers.owner.of({ partition: 3, signal })).rejects.toThrow('away');
  takeovers.failure = undefined;
  await takeovers.owner.of({ partition: 3, signal });
  expect(takeovers.partitions).toEqual([3, 3]);
});

test('closing closes what is owned', async () => {
  const { owner, closed } = new Takeovers();
  await owner.of({ partition: 3, signal });
  await owner.of({ partition: 4, signal });
  await owner.close();
  expect(closed.toSorted((a, b) => a - b)).toEqual([3, 4]);
});

test('a dropped state is restored by the next batch of the same assignment', async () => {
  const { owner, partitions } = new Takeovers();
  const before = await owner.of({ partition: 3, signal });
  owner.drop(3);
  expect(await owner.of({ partition: 3, signal })).not.toBe(before);
  expect(partitions).toEqual([3, 3]);
});
