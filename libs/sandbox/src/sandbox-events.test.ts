import { expect, test, vi } from 'vitest';
import { Sandbox } from './sandbox.ts';
import { startTelling } from './sandbox-events.ts';

test('at its start a sandbox says which walls are up, and warns of each that is not', async () => {
  const emit = {
    sandboxStarted: vi.fn(),
    wallMissing: vi.fn(),
    sandboxKilled: vi.fn(),
    scriptQuarantined: vi.fn(),
  };
  const sandbox = new Sandbox({ processes: 2 });
  await startTelling(sandbox, emit);
  await sandbox.close();
  const [{ processes, walls }] = emit.sandboxStarted.mock.calls[0] as [{ processes: number; walls: string }];
  expect(processes).toBe(2);
  const told = [...walls.split(', '), ...emit.wallMissing.mock.calls.map(([{ wall }]) => wall as string)];
  expect(told.toSorted()).toEqual(
    ['descriptors', 'environment', 'files', 'network', 'new privileges', 'privileges'].toSorted(),
  );
});
