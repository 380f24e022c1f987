import { expect, test } from 'vitest';
import { simulateLeases } from './simulation.ts';

test('a simulation tells what it did, and how often', async () => {
  const report = await simulateLeases({ seeds: 60, from: 1_000_000 }, new AbortController().signal, () => undefined);
  expect(report).toMatchObject({ from: 1_000_000, seeds: 60, violations: [] });
  expect(report.branches['takeover after observation']).toBeGreaterThan(0);
  expect(report.handOverTtlsMax).toBeGreaterThan(0);
});

test('a simulation that is aborted ends at once', async () => {
  const report = await simulateLeases({ seeds: 1e9, from: 0 }, AbortSignal.abort(), () => undefined);
  expect(report.seeds).toBe(0);
});
