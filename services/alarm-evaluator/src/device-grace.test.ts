import { ManualClock } from '@millrace/testkit';
import { expect, test, vi } from 'vitest';
import { DeviceGrace, graceMs } from './device-grace.ts';
import { FakeConfiguration } from './testing/fakes.ts';

const never = new AbortController().signal;

test('a device whose configuration arrives in time is known', async () => {
  const configuration = new FakeConfiguration();
  const clock = new ManualClock();
  const arrived = new DeviceGrace(configuration, clock).arrives('mill', 'oven-1', 0, never);
  await clock.advance(graceMs / 2);
  configuration.add('oven-1');
  await clock.advance(100);
  expect(await arrived).toBe(true);
});

test('a device that never arrives costs its grace once, and not again for the next batch', async () => {
  const clock = new ManualClock();
  const grace = new DeviceGrace(new FakeConfiguration(), clock);
  const first = grace.arrives('mill', 'gone', 0, never);
  await clock.advance(graceMs + 100);
  expect(await first).toBe(false);
  expect(await grace.arrives('mill', 'gone', clock.monotonicMs(), never)).toBe(false);
});

test('all unknown devices of a batch share one grace', async () => {
  const clock = new ManualClock();
  const grace = new DeviceGrace(new FakeConfiguration(), clock);
  const first = grace.arrives('mill', 'gone-1', 0, never);
  await clock.advance(graceMs + 100);
  await first;
  expect(await grace.arrives('mill', 'gone-2', 0, never)).toBe(false);
});

test('a device that comes back is known again', async () => {
  const configuration = new FakeConfiguration();
  const clock = new ManualClock();
  const grace = new DeviceGrace(configuration, clock);
  const first = grace.arrives('mill', 'oven-1', 0, never);
  await clock.advance(graceMs + 100);
  expect(await first).toBe(false);
  configuration.add('oven-1');
  expect(await grace.arrives('mill', 'oven-1', clock.monotonicMs(), never)).toBe(true);
});

test('a revoked partition waits no longer', async () => {
  const clock = new ManualClock();
  const revoked = new AbortController();
  const waiting = new DeviceGrace(new FakeConfiguration(), clock).arrives('mill', 'oven-1', 0, revoked.signal);
  await vi.waitFor(() => expect(clock.sleeping).toBe(1));
  revoked.abort(new Error('revoked'));
  await expect(waiting).rejects.toThrow('revoked');
});
