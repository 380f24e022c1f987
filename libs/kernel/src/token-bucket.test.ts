import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

test('a reserve lets a burst through, then the rate counts', () => {
  const bucket = new TokenBucket(10, 50, 0);
  expect(bucket.take(50, 0)).toBe(0);
  expect(bucket.take(1, 0)).toBe(1);
  expect(bucket.take(1, 100)).toBe(0);
  expect(bucket.take(1, 150)).toBe(0);
  expect(bucket.take(1, 150)).toBeGreaterThan(0);
});

test('what is larger than the reserve is let through and paid off before anything else', () => {
  const bucket = new TokenBucket(10, 50, 0);
  expect(bucket.take(1_000, 0)).toBe(0);
  expect(bucket.take(1, 0)).toBe(95_001);
  expect(bucket.take(1, 95_000)).toBe(1);
  expect(bucket.take(1, 95_001)).toBe(0);
});

test('who waits as long as it was told gets through', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.01, max: 1e6, noNaN: true }),
      fc.integer({ min: 1, max: 10_000 }),
      (perSecond, taken) => {
        const bucket = new TokenBucket(perSecond, perSecond, 0);
        bucket.take(Math.ceil(perSecond) + taken, 0);
        const waitMs = bucket.take(1, 0);
        expect(waitMs).toBeGreaterThan(0);
        expect(bucket.take(1, waitMs)).toBe(0);
      },
    ),
  );
});

test('a wait that rounding makes a little too short is a millisecond longer', () => {
  const bucket = new TokenBucket(0.01, 0.01, 0);
  bucket.take(4_097, 0);
  expect(bucket.take(1, bucket.take(1, 0))).toBe(0);
});

test('over any time no more is let through than rate and reserve allow, but for the last one', () => {
  const calls = fc.array(fc.record({ tokens: fc.integer({ min: 1, max: 500 }), afterMs: fc.nat(3_000) }));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), calls, (perSecond, all) => {
      const bucket = new TokenBucket(perSecond, perSecond * 5, 0);
      let nowMs = 0;
      let taken = 0;
      for (const { tokens, afterMs } of all) {
        nowMs += afterMs;
        const before = taken;
        if (bucket.take(tokens, nowMs) > 0) continue;
        expect(before).toBeLessThanOrEqual(perSecond * 5 + (perSecond * nowMs) / 1_000 + 1e-6);
        taken += tokens;
      }
    }),
  );
});

test('a smaller rate takes the reserve with it and leaves a debt', () => {
  const bucket = new TokenBucket(100, 500, 0);
  bucket.change(1, 5, 0);
  expect(bucket.take(6, 0)).toBe(0);
  bucket.change(100, 500, 0);
  expect(bucket.take(1, 0)).toBe(11);
});

test('what came to nothing can be taken again, and a clock that goes back gives nothing', () => {
  const bucket = new TokenBucket(10, 10, 1_000);
  bucket.take(10, 1_000);
  bucket.giveBack(10);
  expect(bucket.take(10, 1_000)).toBe(0);
  expect(bucket.isEmpty(500)).toBe(true);
  expect(bucket.isEmpty(1_001)).toBe(false);
});

test('what is spent unasked is a debt, and who keeps a part for others waits for more than that part', () => {
  const bucket = new TokenBucket(10, 50, 0);
  bucket.spend(60, 0);
  expect([bucket.waitMs(0, 0), bucket.waitMs(1, 0)]).toEqual([1_001, 2_001]);
  expect([bucket.waitMs(0, 1_001), bucket.waitMs(1, 1_001)]).toEqual([0, 1_001]);
  expect(bucket.waitMs(1, 2_001)).toBe(0);
});
