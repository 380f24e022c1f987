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
