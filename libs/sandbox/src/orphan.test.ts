import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test, vi } from 'vitest';
import { cpuMs, residentBytes } from './process-usage.ts';

test('a sandbox that hangs in native code ends soon after its parent was killed', async () => {
  const file = `${import.meta.dirname}/testing/hanging-parent.ts`;
  const parent = spawn(process.execPath, ['--conditions=@millrace/source', file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(line.toString());
  await vi.waitFor(() => expect(cpuMs(pid)).toBeGreaterThan(400), { timeout: 10_000 });
  parent.kill('SIGKILL');
  // Who is gone but not yet reaped has no memory.
  await vi.waitFor(() => expect(residentBytes(pid) ?? 0).toBe(0), { timeout: 10_000 });
}, 30_000);
