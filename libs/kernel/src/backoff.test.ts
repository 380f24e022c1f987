import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoff } from './backoff.ts';

test('the bound doubles up to the maximum and a reset starts anew', () => {
  const delays = backoff({ delayMsMin: 100, delayMsMax: 700, random: () => 1 });
  expect([delays.next(), delays.next(), delays.next(), delays.next()]).toEqual([200, 400, 700, 700]);
  delays.reset();
  expect(delays.next()).toBe(200);
});

test('delays are spread over the whole range', () => {
  const delays = backoff({ delayMsMin: 100, delayMsMax: 1_000, random: () => 0 });
  expect([delays.next(), delays.next()]).toEqual([100, 100]);
});

test('every delay lies between minimum and maximum', () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.nat(1_000), fc.nat(10_000), fc.array(random, { minLength: 1 }), (delayMsMin, more, draws) => {
      const delayMsMax = delayMsMin + more;
      const rest = [...draws];
      const delays = backoff({ delayMsMin, delayMsMax, random: () => rest.shift()! });
      for (const _ of draws) {
        const delayMs = delays.next();
        expect(delayMs).toBeGreaterThanOrEqual(delayMsMin);
        expect(delayMs).toBeLessThanOrEqual(delayMsMax);
      }
    }),
  );
});
