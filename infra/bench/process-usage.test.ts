import { spawn } from 'node:child_process';
import { expect, test, vi } from 'vitest';
import { readProcessTree, usageOf } from './process-usage.ts';

test('a busy grandchild counts for its grandparent', async () => {
  const busy = `const end = Date.now() + 20_000; while (Date.now() < end);`;
  const child = spawn(
    process.execPath,
    [
      '-e',
      `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(busy)}]).on('exit', () => {});
     setInterval(() => {}, 1000);`,
    ],
    { detached: true },
  );
  try {
    await vi.waitFor(() => expect(usageOf(child.pid ?? 0, readProcessTree()).cpuSeconds).toBeGreaterThan(0.5), 15_000);
    expect(usageOf(child.pid ?? 0, readProcessTree()).peakMiB).toBeGreaterThan(40);
  } finally {
    process.kill(-(child.pid ?? 0), 'SIGKILL');
  }
}, 20_000);

test('a process that is gone used nothing', () => {
  expect(usageOf(2 ** 22 + 1, new Map())).toEqual({ cpuSeconds: 0, peakMiB: 0 });
});
