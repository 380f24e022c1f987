/** Instances at a store that loses nothing but what a test takes away, in a time that the test moves. */
import { ManualClock } from '@millrace/testkit';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { MemoryLeaseStore } from './testing/memory-lease-store.ts';
import { Keys, someKeys, TestInstance } from './testing/test-instance.ts';

const ttlMs = 6_000;
const options = { ttlMs, marginMs: 600, lookMs: 500, startsPerSecond: 1_000, movesAtOnce: 4 };

let clock: ManualClock;
let store: MemoryLeaseStore;
let keys: Keys;

beforeEach(() => {
  clock = new ManualClock(1_000);
  store = new MemoryLeaseStore();
  keys = new Keys();
});

async function started(name: string): Promise<TestInstance> {
  const instance = new TestInstance({ name, store, keys, clock, options });
  const start = instance.start();
  await clock.advance(50);
  await start;
  onTestFinished(async () => {
    const stop = instance.stop();
    await clock.advance(2 * ttlMs);
    await stop;
  });
  return instance;
}

const counts = (...instances: readonly TestInstance[]): number[] => instances.map(({ open }) => open.length);

test('keys that nobody may have are placed when the memory is a ttl old, and new ones at once', async () => {
  keys.set(someKeys(10));
  const one = await started('one');
  await clock.advance(ttlMs - 200);
  expect(one.open).toEqual([]);
  await clock.advance(1_000);
  expect(one.open).toEqual(someKeys(10));
  keys.set(someKeys(11));
  await clock.advance(1_000);
  expect(one.open).toHaveLength(11);
});

test('an instance that joins takes its share, one that stops gives all away', async () => {
  keys.set(someKeys(10));
  const one = await started('one');
  await clock.advance(2 * ttlMs);
  const two = await started('two');
  const three = await started('three');
  await clock.advance(2 * ttlMs);
  expect(counts(one, two, three)).toEqual([4, 3, 3]);
  const stop = one.stop();
  await clock.advance(3_000);
  await stop;
  expect(counts(one, two, three)).toEqual([0, 5, 5]);
});

test('keys that are not wanted any more are closed and forgotten', async () => {
  keys.set(someKeys(4));
  const one = await started('one');
  await clock.advance(2 * ttlMs);
  keys.set(someKeys(2));
  await clock.advance(1_000);
  expect(one.open).toEqual(someKeys(2));
  const { ownerOf } = one.leases.view();
  expect(someKeys(4).map((key) => ownerOf(key)?.instance)).toEqual(['one', 'one', undefined, undefined]);
});

test('nobody gets more than its limit; what is left is not in use until there is room', async () => {
  keys.set(someKeys(10));
  const one = await started('one');
  one.capacity = { connectionsMax: 3, accepting: true };
  await clock.advance(2 * ttlMs);
  expect(one.open).toHaveLength(3);
  const { ownerOf } = one.leases.view();
  expect(someKeys(10).filter((key) => ownerOf(key) === undefined)).toHaveLength(7);
  expect(one.leases.leastLoaded()).toBeUndefined();
  one.capacity = { connectionsMax: 9, accepting: false };
  await clock.advance(1_000);
  expect(one.open).toHaveLength(3);
  one.capacity = { connectionsMax: 9, accepting: true };
  await clock.advance(2_000);
  expect(one.open).toHaveLength(9);
});

test('keys begin no faster than they may', async () => {
  keys.set(someKeys(50));
  const one = new TestInstance({ name: 'one', store, keys, clock, options: { ...options, startsPerSecond: 10 } });
  const start = one.start();
  await clock.advance(ttlMs + 1_000);
  await start;
  const before = one.open.length;
  await clock.advance(2_000);
  expect(one.open.length - before).toBeLessThanOrEqual(21);
  expect(one.open.length - before).toBeGreaterThanOrEqual(19);
  await clock.advance(5_000);
  expect(one.open).toHaveLength(50);
  const stop = one.stop();
  await clock.advance(ttlMs);
  await stop;
});

test('a key moves where somebody wants it, and an instance that drains gives all away until it takes part again', async () => {
  keys.set(someKeys(8));
  const one = await started('one');
  await clock.advance(2 * ttlMs);
  const two = await started('two');
  await clock.advance(2 * ttlMs);
  const [key] = one.open;
  const moved = two.leases.move(key!, 'two');
  await clock.advance(1_000);
  await moved;
  expect(two.open).toContain(key);
  await clock.advance(1_000);
  expect(counts(one, two)).toEqual([4, 4]);

  const drained = two.leases.drain('one', true);
  await clock.advance(2_000);
  await drained;
  expect(counts(one, two)).toEqual([0, 8]);
  expect(two.leases.view().instances.map(({ instance, state }) => `${instance} ${state}`)).toEqual([
    'one draining',
    'two active',
  ]);
  const back = two.leases.drain('one', false);
  await clock.advance(3_000);
  await back;
  expect(counts(one, two)).toEqual([4, 4]);
});

test('what cannot be moved is said', async () => {
  keys.set(someKeys(3));
  const one = await started('one');
  const two = await started('two');
  two.capacity = { connectionsMax: 0, accepting: true };
  await clock.advance(2 * ttlMs);
  const wanted = [
    one.leases.move('acme/connection-0000', 'two'),
    one.leases.move('acme/unknown', 'two'),
    one.leases.move('acme/connection-0000', 'three'),
  ].map((move) => move.catch(({ code }: { code: string }) => code));
  await clock.advance(1_000);
  expect(await Promise.all(wanted)).toEqual(['overloaded', 'conflict', 'not_found']);
});

test('a lease that somebody closes stays valid until it is closed', async () => {
  keys.set(someKeys(1));
  const one = await started('one');
  await clock.advance(2 * ttlMs);
  const lease = one.leaseOf('acme/connection-0000')!;
  keys.set([]);
  expect(one.leases.held().size).toBe(0);
  expect(lease.isValid()).toBe(true);
  await clock.advance(1_000);
  expect(lease.isValid()).toBe(false);
  expect(lease.ended.aborted).toBe(true);
});

test('who has no store for longer than a lease holds nothing, and has its own back when the store is there again', async () => {
  keys.set(someKeys(6));
  const one = await started('one');
  await clock.advance(2 * ttlMs);
  const lease = one.leaseOf('acme/connection-0000')!;
  store.isAway = true;
  await clock.advance(ttlMs);
  expect(lease.isValid()).toBe(false);
  expect(one.leases.held().size).toBe(0);
  store.isAway = false;
  await clock.advance(2_000);
  expect(one.open).toHaveLength(6);
  expect(one.counts.get('leaseLost')).toBe(1);
  expect(one.counts.get('storeFound')).toBe(1);
});

test('an instance with leases of another length is told of', async () => {
  const one = await started('one');
  const two = new TestInstance({ name: 'two', store, keys, clock, options: { ...options, ttlMs: 2 * ttlMs } });
  const start = two.start();
  await clock.advance(3_000);
  await start;
  expect(one.counts.get('timesDiffer')).toBe(1);
  const stop = two.stop();
  await clock.advance(ttlMs);
  await stop;
});
