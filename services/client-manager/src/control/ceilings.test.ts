import { expect, test } from 'vitest';
import { Ceilings, type Usage } from './ceilings.ts';

const usage = (more: Partial<Usage>): Usage => ({ memoryMb: 0, cpuPercent: 0, bandwidthKbps: 0, ...more });

function repeat(ceilings: Ceilings, times: number, more: Partial<Usage>): boolean[] {
  return Array.from({ length: times }, () => ceilings.sample(usage(more)));
}

test('a ceiling is reached by the mean of five looks, and cleared a tenth below it', () => {
  const ceilings = new Ceilings({ cpuPercent: 100 });
  expect(repeat(ceilings, 4, { cpuPercent: 500 })).not.toContain(true);
  expect(ceilings.reached).toEqual([]);
  expect(repeat(ceilings, 1, { cpuPercent: 500 })).toEqual([true]);
  expect(ceilings.reached).toEqual([{ name: 'cpuPercent', value: 500, max: 100 }]);
  expect(repeat(ceilings, 9, { cpuPercent: 95 })).not.toContain(true);
  expect(ceilings.reached).toMatchObject([{ value: 95 }]);
  expect(repeat(ceilings, 5, { cpuPercent: 89 })).toContain(true);
  expect(ceilings.reached).toEqual([]);
  expect(repeat(ceilings, 9, { cpuPercent: 99 })).not.toContain(true);
});

test('one burst reaches nothing, each ceiling is by itself, and what has none has none', () => {
  const ceilings = new Ceilings({ memoryMb: 10, bandwidthKbps: 100 });
  repeat(ceilings, 4, {});
  expect(repeat(ceilings, 1, { bandwidthKbps: 400, cpuPercent: 9_000 })).toEqual([false]);
  repeat(ceilings, 5, { memoryMb: 11, bandwidthKbps: 20, cpuPercent: 9_000 });
  expect(ceilings.reached.map(({ name }) => name)).toEqual(['memoryMb']);
});
