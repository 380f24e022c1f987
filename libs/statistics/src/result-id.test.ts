import { expect, test } from 'vitest';
import { resultIdOf } from './result-id.ts';

const identity = {
  tenant: 'mill',
  statisticId: 'mean-temperature',
  deviceUid: 'oven-1',
  windowEndMicros: 1_763_715_600_000_000,
  revision: 0,
};

test('the same window of the same subject has the same id, on every machine', () => {
  expect(resultIdOf(identity).toString('hex')).toBe('317d23cf9559a8521a0b164ce98d71de');
});

test('each part of the identity makes another id', () => {
  const others = [
    { tenant: 'mill2' },
    { statisticId: 'max-temperature' },
    { deviceUid: 'oven-2' },
    { deviceUid: null },
    { windowEndMicros: 1 },
    { revision: 1 },
  ].map((part) => ({ ...identity, ...part }));
  expect(new Set([identity, ...others].map((one) => resultIdOf(one).toString('hex'))).size).toBe(others.length + 1);
});
