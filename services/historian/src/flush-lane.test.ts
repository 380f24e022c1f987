import { ManualClock } from '@millrace/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Contribution } from './contribution.ts';
import { FlushLane } from './flush-lane.ts';
import { dataRowList } from './testing/test-batch.ts';

const never = new AbortController().signal;

function contributionOf(devices: readonly string[], firstRecord = 0): Contribution {
  const contribution = new Contribution();
  for (const [index, deviceUid] of devices.entries()) contribution.add(dataRowList({ deviceUid }), firstRecord + index);
  return contribution;
}

test('each contribution is told of its own rejected records, wherever they lie in the flush', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }), { minLength: 1 }),
      async (plan) => {
        const clock = new ManualClock();
        const lane = new FlushLane({
          write: (lists) =>
            Promise.resolve(
              [...lists.entries()].flatMap(([index, { deviceUid }]) =>
                deviceUid === 'bad' ? [{ index, reason: 'refused' }] : [],
              ),
            ),
          limits: { weightMax: 1_000, lingerMs: 5, waitingWeightMax: 1_000 },
          clock,
        });
        const contributions = plan.map((records) =>
          contributionOf(
            records.map((bad) => (bad ? 'bad' : 'good')),
            10,
          ),
        );
        const taken = await Promise.all(contributions.map((contribution) => lane.take(contribution, never)));
        await clock.advance(5);
        await Promise.all(taken.map(({ stored }) => stored));
        expect(contributions.map(({ failures }) => failures.map(({ recordIndex }) => recordIndex))).toEqual(
          plan.map((records) => records.flatMap((bad, index) => (bad ? [index + 10] : []))),
        );
      },
    ),
  );
});

test('a contribution that nobody wants any more is left out of the flush', async () => {
  const written: string[] = [];
  const clock = new ManualClock();
  const lane = new FlushLane({
    write: (lists) => {
      written.push(...lists.map(({ deviceUid }) => deviceUid));
      return Promise.resolve([]);
    },
    limits: { weightMax: 1_000, lingerMs: 5, waitingWeightMax: 1_000 },
    clock,
  });
  const revoked = new AbortController();
  await lane.take(contributionOf(['revoked']), revoked.signal);
  const { stored } = await lane.take(contributionOf(['kept']), never);
  revoked.abort();
  await clock.advance(5);
  await stored;
  expect(written).toEqual(['kept']);
});
