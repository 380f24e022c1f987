import type { QuarantineEntry } from '@millrace/sandbox';
import { expect, test, vi } from 'vitest';
import { QuarantineController } from './quarantine.controller.ts';

const entry = (subject: string | undefined): QuarantineEntry => ({
  tenant: 'acme',
  script: 'acme/pump@12',
  subject,
  reason: 'memory',
  failures: 3,
  restsUntilMs: Date.UTC(2026, 2, 1),
});
const list = vi.fn((_tenant?: string) => [entry(undefined), entry('acme/d1.a')]);
const clear = vi.fn((..._what: unknown[]) => 2);
const quarantineCleared = vi.fn();
const controller = new QuarantineController({ quarantine: { list, clear } } as never, { quarantineCleared } as never);

test('what rests is told by script, version and device', () => {
  const rest = { scriptId: 'pump', version: 12, reason: 'memory', failures: 3, restsUntil: '2026-03-01T00:00:00.000Z' };
  expect(controller.list({ tenant: 'acme' })).toEqual({
    entries: [
      { ...rest, device: null },
      { ...rest, device: 'd1.a' },
    ],
  });
  expect(list).toHaveBeenCalledWith('acme');
});

test('it is cleared for a device by its key, and that is told', () => {
  expect(controller.clear({ tenant: 'acme', scriptId: 'pump', device: 'd1.a' })).toEqual({ cleared: 2 });
  expect(clear).toHaveBeenLastCalledWith('acme', 'pump', 'acme/d1.a');
  expect(quarantineCleared).toHaveBeenCalledWith({ tenant: 'acme', script: 'pump', device: 'd1.a', cleared: 2 });
  controller.clear({ tenant: 'acme', scriptId: 'pump' });
  expect(clear).toHaveBeenLastCalledWith('acme', 'pump', undefined);
});
