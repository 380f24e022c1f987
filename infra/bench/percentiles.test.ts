import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Percentiles } from './percentiles.ts';

test('a percentile is the sorted list’s value within one percent', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.02, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 300 }),
      fc.constantFrom(0.5, 0.9, 0.99, 1),
      (durationsMs, share) => {
        const percentiles = new Percentiles();
        for (const durationMs of durationsMs) percentiles.add(durationMs);
        const sorted = durationsMs.toSorted((one, other) => one - other);
        const exact = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
        expect(percentiles.at(share) / exact).toBeGreaterThan(0.999);
        expect(percentiles.at(share) / exact).toBeLessThan(1.011);
      },
    ),
  );
});

test('without values there is no percentile', () => {
  expect(new Percentiles().at(0.5)).toBeNaN();
});
