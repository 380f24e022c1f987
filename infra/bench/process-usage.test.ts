import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test, vi } from 'vitest';
import { forgetPeak, readProcessTree, usageOf } from './process-usage.ts';

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
  expect(usageOf(2 ** 22 + 1, new Map())).toEqual({ cpuSeconds: 0, peakMiB: 0, residentMiB: 0 });
});

test('a peak that is forgotten begins at what is used now', async () => {
  const grown = 'globalThis.held = Buffer.alloc(2 ** 27, 1); held = undefined; gc(); process.send("shrunk")';
  const child = spawn(process.execPath, ['--expose-gc', '-e', `${grown}; setInterval(() => {}, 1000)`], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const pid = child.pid ?? 0;
  try {
    await once(child, 'message');
    const before = usageOf(pid, new Map());
    // V8 gives memory back by and by.
    await vi.waitFor(() => {
      forgetPeak(pid);
      expect(usageOf(pid, new Map()).peakMiB).toBeLessThan(before.peakMiB - 100);
    }, 5_000);
  } finally {
    child.kill('SIGKILL');
  }
});
