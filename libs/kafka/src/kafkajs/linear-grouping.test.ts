import { expect, test } from 'vitest';
import { internalModule, originalModule } from './internals.ts';
import './kafkajs.ts';
import type { groupByPartition } from './linear-grouping.ts';

type Group = typeof groupByPartition;
const path = 'producer/groupMessagesPerPartition.js';
const grouping = {
  topic: 'a',
  partitionMetadata: [0, 1, 2].map((partitionId) => ({ partitionId })),
  messages: [2, 0, 2, 1, 2].map((partition, index) => ({ partition, index })),
};

test('messages come into the partitions they name, in order, as with kafkajs', () => {
  const partitioner = ({ message }: { message: { partition: number } }): number => message.partition;
  const theirs = originalModule<(one: object) => object>(path)({ ...grouping, partitioner });
  expect(internalModule<Group>(path)(grouping)).toEqual(theirs);
});

test('a partition that the topic does not have is an error', () => {
  const wrong = { ...grouping, messages: [{ partition: 3 }] };
  expect(() => internalModule<Group>(path)(wrong)).toThrow('Topic a has no partition 3.');
});
