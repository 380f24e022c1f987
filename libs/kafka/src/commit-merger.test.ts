import { MillraceError } from '@millrace/contracts';
import type { OffsetsByTopicPartition } from 'kafkajs';
import { expect, test } from 'vitest';
import { Assignment } from './assignment.ts';
import { CommitMerger } from './commit-merger.ts';

function setUp() {
  const assignment = new Assignment();
  const requests: OffsetsByTopicPartition[] = [];
  const answers: Error[] = [];
  const request = (offsets: OffsetsByTopicPartition): Promise<void> => {
    requests.push(offsets);
    const answer = answers.shift();
    return answer ? Promise.reject(answer) : Promise.resolve();
  };
  const merger = new CommitMerger(assignment);
  const commit = (partition: number, offset: bigint): Promise<void> => merger.commit('a', partition, offset, request);
  return { assignment, requests, answers, commit };
}

test('what several partitions commit at about the same time is one request', async () => {
  const { requests, commit } = setUp();
  await Promise.all([commit(0, 5n), commit(1, 7n), commit(0, 6n)]);
  expect(requests).toEqual([
    {
      topics: [
        {
          topic: 'a',
          partitions: [
            { partition: 0, offset: '6' },
            { partition: 1, offset: '7' },
          ],
        },
      ],
    },
  ]);
});

test('an offset that is not higher is not sent again', async () => {
  const { requests, commit } = setUp();
  await commit(0, 5n);
  await commit(0, 5n);
  await commit(0, 3n);
  expect(requests).toHaveLength(1);
});

test('what could not be committed goes with the next commit', async () => {
  const { requests, answers, commit } = setUp();
  answers.push(new Error('Connection closed.'));
  await expect(commit(0, 5n)).rejects.toMatchObject({ code: 'stream_unavailable' });
  await commit(1, 7n);
  expect(requests[1]?.topics[0]?.partitions).toHaveLength(2);
});

test('a rebalance that the commit meets revokes the assignment', async () => {
  const { assignment, answers, commit } = setUp();
  const rebalance = Object.assign(new Error('Rebalance.'), { type: 'REBALANCE_IN_PROGRESS' });
  answers.push(rebalance);
  await expect(commit(0, 5n)).rejects.toBe(rebalance);
  expect(assignment.isRevoked).toBe(true);
  expect(assignment.signal.aborted).toBe(true);
});

test('after a revocation nothing is sent any more, not even what already waited', async () => {
  const { assignment, requests, commit } = setUp();
  const waiting = commit(0, 5n);
  const revoked = new MillraceError('stream_unavailable', 'Revoked.');
  assignment.revoke(revoked);
  await expect(waiting).rejects.toBe(revoked);
  await expect(commit(0, 6n)).rejects.toBe(revoked);
  expect(requests).toEqual([]);
});
