import { ManualClock } from '@millrace/testkit';
import { beforeEach, expect, test } from 'vitest';
import { RateQuota } from './rate-quota.ts';
import { TestTenants } from './testing/tenants.ts';

let tenants: TestTenants;
let clock: ManualClock;
let quota: RateQuota;

beforeEach(() => {
  tenants = new TestTenants().set('acme', { messagesPerSecond: 10 }).set('free', { devices: 3 }).set('plain', null);
  clock = new ManualClock(1_000_000);
  quota = new RateQuota('messagesPerSecond', tenants, clock);
});

test.each(['free', 'plain', 'unknown'])('a tenant without this quota is never short: %s', (tenant) => {
  for (let call = 0; call < 100; call += 1) expect(quota.take(tenant, 1_000)).toBeUndefined();
  expect(quota.measure(1_000)).toEqual([]);
});

test('five seconds of a quota come at once, then it is the rate that counts', async () => {
  expect(quota.take('acme', 50)).toBeUndefined();
  expect(quota.take('acme', 1)).toEqual({ limit: 10, retryAfterMs: 1 });
  await clock.advance(1_000);
  expect(quota.take('acme', 10)).toBeUndefined();
  expect(quota.take('acme', 1)).toMatchObject({ limit: 10 });
});

test('tenants do not take from each other', () => {
  tenants.set('other', { messagesPerSecond: 10 });
  quota.take('acme', 1_000);
  expect(quota.take('acme', 1)).toBeDefined();
  expect(quota.take('other', 50)).toBeUndefined();
});

test('a limit that is changed, given or taken away holds from the next message on', async () => {
  quota.take('acme', 51);
  expect(quota.take('acme', 1)).toBeDefined();
  tenants.set('acme', { messagesPerSecond: 1_000 });
  expect(quota.take('acme', 1)).toEqual({ limit: 1_000, retryAfterMs: 2 });
  await clock.advance(2);
  expect(quota.take('acme', 1)).toBeUndefined();
  tenants.set('acme', null);
  expect(quota.take('acme', 1_000_000)).toBeUndefined();
  tenants.set('plain', { messagesPerSecond: 1 });
  quota.take('plain', 5);
  expect(quota.take('plain', 1)).toEqual({ limit: 1, retryAfterMs: 1 });
});

test('what is given back can be taken again and was not used', () => {
  quota.take('acme', 50);
  quota.giveBack('acme', 50);
  expect(quota.measure(1_000)).toEqual([]);
  expect(quota.take('acme', 50)).toBeUndefined();
});

test('a measurement says what a tenant takes in a second, or that it wants more', async () => {
  quota.take('acme', 20);
  expect(quota.measure(2_000)).toEqual([{ tenant: 'acme', perSecond: 10 }]);
  expect(quota.measure(1_000)).toEqual([]);
  quota.take('acme', 30);
  quota.take('acme', 1);
  await clock.advance(500);
  expect(quota.measure(1_000)).toEqual([{ tenant: 'acme', perSecond: null }]);
  expect(quota.measure(1_000)).toEqual([]);
});

test('who pays for a large batch wants more until it is paid, though nobody asks', async () => {
  quota.take('acme', 70);
  for (let second = 0; second < 2; second += 1) {
    expect(quota.measure(1_000)).toEqual([{ tenant: 'acme', perSecond: null }]);
    await clock.advance(1_000);
  }
  await clock.advance(1);
  expect(quota.measure(1_000)).toEqual([]);
});

test('what others take is not there for us, and comes back when they stop', () => {
  quota.take('acme', 50);
  quota.share(new Map([['acme', [Infinity]]]));
  expect(quota.take('acme', 1)).toEqual({ limit: 10, retryAfterMs: 1 });
  quota.giveBack('acme', 50);
  expect(quota.take('acme', 26)).toBeUndefined();
  expect(quota.take('acme', 1)).toEqual({ limit: 10, retryAfterMs: 201 });
  quota.share(new Map());
  expect(quota.take('acme', 1)).toEqual({ limit: 10, retryAfterMs: 101 });
});

test('lanes divide the limit, each by its own time', () => {
  const lane = (name: number, nowMs: number) => ({ name, nowMs });
  for (let second = 0; second < 100; second += 1)
    expect(quota.take('acme', 10, lane(1, second * 1_000))).toBeUndefined();
  quota.take('acme', 50, lane(1, 100_000));
  quota.take('acme', 50, lane(1, 100_000));
  quota.take('acme', 50, lane(2, 0));
  expect(quota.measure(1_000)).toEqual([
    { tenant: 'acme', perSecond: null },
    { tenant: 'acme', perSecond: null },
  ]);
  quota.share(new Map());
  quota.take('acme', 1_000, lane(2, 3_000));
  expect(quota.take('acme', 1, lane(2, 3_000))?.retryAfterMs).toBeGreaterThan(195_000);
});
