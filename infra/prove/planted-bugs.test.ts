import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { plantedBugs, plantedEnvironment } from './planted-bugs.ts';
import type { Check, CheckCode } from './proof.ts';
import { isFound } from './run-prove.ts';

test.each(plantedBugs)('$name is there to be planted', (bug) => {
  for (const { NODE_OPTIONS: options = '' } of Object.values(plantedEnvironment([bug])))
    expect(existsSync(fileURLToPath(options.replace('--import=', ''))), options).toBe(true);
  expect(bug.interruptions.length * bug.findings.length).toBeGreaterThan(0);
});

test('bugs of several services are planted side by side', () => {
  const preloading = plantedBugs.filter(({ how }) => 'preloadedBy' in how);
  expect(Object.keys(plantedEnvironment(plantedBugs))).toHaveLength(preloading.length);
});

test('a bug is found by all of its checks and no others', () => {
  const bug = { findings: ['duplicate', 'altered'] } as const;
  const failing = (...codes: CheckCode[]): { checks: Check[] } => ({
    checks: codes.map((code) => ({ code, promise: '', violations: 1, examples: [] })),
  });
  expect(isFound(bug, failing('altered', 'duplicate'))).toBe(true);
  expect(isFound(bug, failing('altered'))).toBe(false);
  expect(isFound(bug, failing('altered', 'duplicate', 'stuck'))).toBe(false);
});
