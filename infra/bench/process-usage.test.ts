import { spawn } from 'node:child_process';
import { expect, test, vi } from 'vitest';
import { readProcessTree, usageOf } from './process-usage.ts';

test('a busy grandchild counts for its grandparent', async () => {
  const child = spawn('sh', ['-c', 'sh -c "while :; do :; done" & wait'], { detached: true });
  const pid = child.pid ?? 0;
  const alone = () => usageOf(pid, new Map());
  const together = () => usageOf(pid, readProcessTree());
  try {
    await vi.waitFor(() => expect(together().cpuSeconds - alone().cpuSeconds).toBeGreaterThan(0.05), 15_000);
    expect(together().peakMiB).toBeGreaterThan(alone().peakMiB);
  } finally {
    process.kill(-pid, 'SIGKILL');
  }
}, 20_000);

test('a process that is gone used nothing', () => {
  expect(usageOf(2 ** 22 + 1, new Map())).toEqual({ cpuSeconds: 0, peakMiB: 0 });
});
