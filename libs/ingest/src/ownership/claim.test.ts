import { isDeepStrictEqual } from 'node:util';
import type { ConnectionClaim } from '@millrace/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Claim, claimOf, fencesMax, joined, saysAll } from './claim.ts';

/** What is said of one epoch is the same in each record, but for its release and the fences. */
const anyRecord: fc.Arbitrary<ConnectionClaim> = fc
  .record({
    epoch: fc.nat(20),
    released: fc.boolean(),
    fences: fc.uniqueArray(fc.record({ epoch: fc.nat(40), offsets: fc.tuple(fc.nat(99), fc.nat(99)) }), {
      selector: ({ epoch }) => epoch,
      maxLength: 20,
    }),
  })
  .map((own) => ({
    ...own,
    tenant: 'acme',
    connectionId: 'c1',
    instance: `client-manager-${own.epoch % 3}`,
    shared: own.epoch % 2 === 0,
    timeMicros: own.epoch,
  }));
const anyClaim: fc.Arbitrary<Claim> = anyRecord.map((record) => claimOf(record, 0));

test('claims joined in any order, and any number of times, say the same', () => {
  fc.assert(
    fc.property(anyClaim, anyClaim, anyClaim, (a, b, c) => {
      expect(joined(a, b)).toEqual(joined(b, a));
      expect(joined(joined(a, b), c)).toEqual(joined(a, joined(b, c)));
      expect(joined(a, a)).toEqual(a);
      const all = joined(joined(a, b), c);
      expect(saysAll(all, all)).toBe(true);
      expect(saysAll(a, all)).toBe(isDeepStrictEqual(a, all));
    }),
  );
});

test('the epoch of a first record is its offset, that of every later one stands in it', () => {
  const [record] = fc.sample(anyRecord, 1);
  expect(claimOf({ ...record!, epoch: -1 }, 7).epoch).toBe(7);
  expect(claimOf({ ...record!, epoch: 7 }, 9).epoch).toBe(7);
});

test('the fences of the newest owners are kept', () => {
  const [record] = fc.sample(anyRecord, 1);
  const fences = Array.from({ length: fencesMax + 4 }, (_, epoch) => ({ epoch, offsets: [epoch] }));
  const { fences: kept } = claimOf({ ...record!, fences: fences.toReversed() }, 7);
  expect(kept).toEqual(fences.slice(4));
});
