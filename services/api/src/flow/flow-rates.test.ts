import type { AccountingReport } from '@millrace/observe';
import { expect, test } from 'vitest';
import { FlowRates } from './flow-rates.ts';

const report = (instance: string, taken: number, startedAt = 'a'): AccountingReport => ({
  service: 'parser',
  instance,
  startedAt,
  hops: [
    { hop: 'parse', in: taken, out: taken / 2, rejected: {}, deadLettered: 0, parked: 0, repeated: 0, inFlight: 0 },
  ],
});

function ratesAfter(...looks: readonly (readonly [number, readonly AccountingReport[]])[]) {
  const rates = new FlowRates();
  for (const [atMs, reports] of looks) rates.add(atMs, reports);
  return rates.rateOf('parser', 'parse');
}

test('one look tells no rate', () => {
  expect(ratesAfter([0, [report('p1', 100)]])).toBeUndefined();
});

test('rates of instances are added', () => {
  const looks = [
    [0, [report('p1', 100), report('p2', 0)]] as const,
    [2_000, [report('p1', 120), report('p2', 20)]] as const,
  ];
  expect(ratesAfter(...looks)).toEqual({ in: 20, out: 10 });
});

test('the rate is that of the last seconds', () => {
  const looks = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(
    (s) => [s * 1_000, [report('p1', s < 4 ? 0 : (s - 4) * 100)]] as const,
  );
  expect(ratesAfter(...looks)).toEqual({ in: 100, out: 50 });
});

test('an instance that began to count anew or did not answer adds nothing, and never less than nothing', () => {
  expect(ratesAfter([0, [report('p1', 100)]], [1_000, [report('p1', 300, 'b')]])).toEqual({ in: 0, out: 0 });
  expect(ratesAfter([0, [report('p1', 900)]], [1_000, []])).toEqual({ in: 0, out: 0 });
  expect(ratesAfter([0, [report('p1', 900)]], [1_000, [report('p1', 890)]])).toEqual({ in: 0, out: 0 });
});

test('after a pause there is no rate until the next look', () => {
  expect(ratesAfter([0, [report('p1', 0)]], [60_000, [report('p1', 6_000)]])).toBeUndefined();
});
