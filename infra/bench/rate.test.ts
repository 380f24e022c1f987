import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Rate } from './rate.ts';

test('never more than due is taken, and what was not taken is behind', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), fc.array(fc.nat(5_000), { maxLength: 50 }), (perSecond, stepsMs) => {
      const rate = new Rate(perSecond, 0);
      let nowMs = 0;
      let taken = 0;
      for (const stepMs of stepsMs) {
        nowMs += stepMs;
        if (rate.take(100, nowMs)) taken += 100;
        const due = Math.floor((nowMs / 1_000) * perSecond);
        expect(taken).toBeLessThanOrEqual(due);
        expect(rate.behind(nowMs)).toBe(due - taken);
      }
    }),
  );
});

test('rate 0 takes always', () => {
  const rate = new Rate(0, 0);
  expect([rate.take(100, 0), rate.take(100, 0), rate.behind(1e6)]).toEqual([true, true, 0]);
});
