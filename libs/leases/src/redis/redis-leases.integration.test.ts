/** Instances at a real Redis that is wiped, frozen and cut off, each way to it through a proxy of its own. */
import { randomUUID } from 'node:crypto';
import { testAddresses } from '@millrace/testkit';
import { Redis } from 'ioredis';
import { afterAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { type TcpProxy, tcpProxy } from '../testing/tcp-proxy.ts';
import { Keys, someKeys, TestInstance } from '../testing/test-instance.ts';
import { RedisLeaseStore } from './redis-lease-store.ts';

const ttlMs = 900;
const options = { ttlMs, marginMs: 90, lookMs: 75, startsPerSecond: 1_000, movesAtOnce: 8 };
const allKeys = someKeys(30);
/** What a busy machine may need. */
const patience = { timeout: 20_000, interval: 20 };

const redis = new Redis(testAddresses.redis);
const { hostname, port } = new URL(testAddresses.redis);
let prefix: string;
let keys: Keys;
let instances: TestInstance[];
let overlaps: string[];

beforeEach(() => {
  prefix = `test:{${randomUUID()}}:`;
  keys = new Keys();
  keys.set(allKeys);
  instances = [];
  overlaps = [];
  onTestFinished(wipe);
});

afterAll(() => redis.disconnect());

async function wipe(): Promise<void> {
  const found = await redis.keys(`${prefix}*`);
  if (found.length > 0) await redis.del(found);
}

async function started(name: string): Promise<{ instance: TestInstance; proxy: TcpProxy }> {
  const proxy = await tcpProxy(hostname, Number(port));
  const store = new RedisLeaseStore({ url: `redis://127.0.0.1:${proxy.port}`, commandMsMax: ttlMs / 3, prefix });
  const instance: TestInstance = new TestInstance({
    name,
    store,
    keys,
    options,
    onOpen(key) {
      for (const other of instances)
        if (other !== instance && other.leaseOf(key)?.isValid()) overlaps.push(`${key}: ${name}`);
    },
  });
  instances.push(instance);
  onTestFinished(async () => {
    await instance.stop();
    store.close();
    proxy.close();
    expect(overlaps).toEqual([]);
  });
  await instance.start();
  return { instance, proxy };
}

const shares = (): number[] => instances.map(({ open }) => open.length);
const all = (): string[] => instances.flatMap(({ open }) => open).toSorted();

async function spread(...expected: readonly number[]): Promise<void> {
  await expect.poll(() => shares().toSorted((one, other) => one - other), patience).toEqual(expected);
  expect(all()).toEqual(allKeys);
}

test('instances share what there is, and one that stops gives its part away before it leaves', async () => {
  const [one] = [await started('one'), await started('two'), await started('three')];
  await spread(10, 10, 10);
  await one.instance.stop();
  await spread(0, 15, 15);
  expect(one.instance.counts.get('leaseLost')).toBeUndefined();
});

test('a Redis that lost everything is told what each has, and nothing is closed', async () => {
  const [one, two] = [await started('one'), await started('two')];
  await spread(15, 15);
  const before = allKeys.map((key) => one.instance.leaseOf(key) ?? two.instance.leaseOf(key));
  await wipe();
  await expect.poll(() => redis.hlen(`${prefix}in-use`), patience).toBe(allKeys.length + 1);
  const after = allKeys.map((key) => one.instance.leaseOf(key) ?? two.instance.leaseOf(key));
  expect(after.every((lease, index) => lease === before[index] && lease?.isValid())).toBe(true);
});

test('what belonged to an instance that died while Redis lost everything is taken when its lease is over', async () => {
  const [one, two] = [await started('one'), await started('two')];
  await spread(15, 15);
  one.proxy.cut(true);
  await wipe();
  await spread(0, 30);
  expect(two.instance.counts.get('leaseLost')).toBeUndefined();
});

test.each(['freeze', 'cut'] as const)(
  'who loses Redis by a %s ends in time, others take over, and it comes back',
  async (how) => {
    const [one] = [await started('one'), await started('two'), await started('three')];
    await spread(10, 10, 10);
    const lease = [...one.instance.leases.held().values()][0]!;
    one.proxy[how](true);
    await expect.poll(() => lease.ended.aborted, patience).toBe(true);
    expect(lease.isValid()).toBe(false);
    await spread(0, 15, 15);
    one.proxy[how](false);
    await spread(10, 10, 10);
  },
);

test('when Redis hangs for all longer than a lease, each gets its own back', async () => {
  const both = [await started('one'), await started('two')];
  await spread(15, 15);
  const before = both.map(({ instance }) => instance.open.toSorted());
  for (const { proxy } of both) proxy.freeze(true);
  await expect.poll(shares, patience).toEqual([0, 0]);
  for (const { proxy } of both) proxy.freeze(false);
  await spread(15, 15);
  expect(both.map(({ instance }) => instance.open.toSorted())).toEqual(before);
});
