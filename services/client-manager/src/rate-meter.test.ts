import { expect, test } from 'vitest';
import { RateMeter } from './rate-meter.ts';

test('the rate is the mean of the last ten seconds', () => {
  const meter = new RateMeter();
  for (let second = 0; second <= 60; second += 1) meter.sample(second < 30 ? 0 : (second - 30) * 100, second * 1000);
  expect(meter.perSecond).toBe(100);
});

test('a rate that ended falls to nothing', () => {
  const meter = new RateMeter();
  for (let second = 0; second <= 10; second += 1) meter.sample(second * 100, second * 1000);
  for (let second = 11; second <= 40; second += 1) meter.sample(1000, second * 1000);
  expect(meter.perSecond).toBe(0);
});

test('without two samples there is no rate', () => {
  const meter = new RateMeter();
  expect(meter.perSecond).toBe(0);
  meter.sample(1000, 0);
  meter.sample(2000, 1);
  expect(meter.perSecond).toBe(0);
});
