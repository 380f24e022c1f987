import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fairShare } from './fair-share.ts';

test.each([
  ['who is alone has everything', [], 100],
  ['what others leave is there to be taken', [10, 20], 70],
  ['two that want more divide it', [Infinity], 50],
  ['who takes less than its part leaves the rest to the others', [10, Infinity], 45],
  ['who takes more than its part is cut back to it', [90], 50],
] as const)('%s', (_name, others, share) => {
  expect(fairShare(100, others)).toBe(share);
});

test('takers that keep to their shares keep to the limit together, and waste nothing that is wanted', () => {
  const demands = fc.array(fc.double({ min: 0, max: 1_000, noNaN: true }), { minLength: 1, maxLength: 10 });
  fc.assert(
    fc.property(fc.double({ min: 1, max: 1_000, noNaN: true }), demands, (limit, wanted) => {
      const all = wanted.reduce((sum, one) => sum + one, 0);
      const taken = wanted.map((one, index) => Math.min(one, fairShare(limit, wanted.toSpliced(index, 1))));
      const sum = taken.reduce((total, one) => total + one, 0);
      expect(sum).toBeLessThanOrEqual(limit * (1 + 1e-9));
      expect(sum).toBeGreaterThanOrEqual(Math.min(limit, all) * (1 - 1e-9));
    }),
  );
});

test('nobody is left without', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(0, 50, 100, Infinity), { maxLength: 20 }), (others) => {
      expect(fairShare(100, others)).toBeGreaterThanOrEqual(100 / (others.length + 1));
    }),
  );
});
