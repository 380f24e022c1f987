import { ManualClock } from '@millrace/testkit';
import { beforeEach, expect, test } from 'vitest';
import { CpuGate } from './cpu-gate.ts';
import { RateQuota } from './rate-quota.ts';
import { TestTenants } from './testing/tenants.ts';

let clock: ManualClock;
let quota: RateQuota;
let heldOff: (readonly unknown[])[];
let gate: CpuGate;

beforeEach(() => {
  clock = new ManualClock(1_000);
  quota = new RateQuota('scriptCpuMsPerSecond', new TestTenants().set('acme', { scriptCpuMsPerSecond: 100 }), clock);
  heldOff = [];
  gate = new CpuGate({ quota, watch: { heldOff: (...fields) => void heldOff.push(fields) } });
});

test('a tenant without this quota may run what it likes', () => {
  gate.charge('free', 1_000_000);
  expect([gate.admitsFresh('free', 1), gate.refusalOfParked('free'), heldOff]).toEqual([true, undefined, []]);
});

test('what a call has cost is paid off before the next one, however much it was', async () => {
  gate.charge('acme', 1_500);
  expect(gate.refusalOfParked('acme')).toMatchObject({
    code: 'quota_exceeded',
    retry: 'later',
    quota: { name: 'scriptCpuMsPerSecond', limit: 100, retryAfterSeconds: 11 },
  });
  await clock.advance(10_001);
  expect(gate.refusalOfParked('acme')).toBeUndefined();
});

test('fresh messages leave the last second to the parked ones, which so get on whatever comes', async () => {
  gate.charge('acme', 400);
  expect([gate.admitsFresh('acme', 7), gate.refusalOfParked('acme')]).toEqual([false, undefined]);
  expect(heldOff).toEqual([['acme', 'scriptCpuMsPerSecond', 100, 7]]);
  let fresh = 0;
  let parked = 0;
  for (let step = 0; step < 1_000; step += 1) {
    const [isFresh, isParked] = [gate.admitsFresh('acme', 1), !gate.refusalOfParked('acme')];
    fresh += Number(isFresh);
    parked += Number(isParked);
    gate.charge('acme', 30 * (Number(isFresh) + Number(isParked)));
    await clock.advance(10);
  }
  expect(fresh).toBe(0);
  expect(parked * 30).toBeGreaterThanOrEqual(1_000);
  expect(parked * 30).toBeLessThanOrEqual(1_000 + 100 + 30);
});

test('who had to wait is told to the other instances as one that wants more', () => {
  gate.charge('acme', 450);
  gate.admitsFresh('acme', 1);
  expect(quota.measure(1_000)).toEqual([{ tenant: 'acme', perSecond: null }]);
});
