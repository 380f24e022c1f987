/** Against a real Redis: its scripts do what the model does that the simulation runs with, and what is lost is noticed. */
import { randomUUID } from 'node:crypto';
import { testAddresses } from '@millrace/testkit';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import type { LookReply } from '../lease-store.ts';
import { anyRequests } from '../testing/any-request.ts';
import { MemoryContent } from '../testing/memory-content.ts';
import { someKeys } from '../testing/test-instance.ts';
import { collections } from './lease-scripts.ts';
import { RedisLeaseStore } from './redis-lease-store.ts';

const redis = new Redis(testAddresses.redis);
let prefix: string;
let store: RedisLeaseStore;

beforeEach(async () => {
  prefix = `test:{${randomUUID()}}:`;
  store = new RedisLeaseStore({ url: testAddresses.redis, commandMsMax: 5_000, prefix });
  onTestFinished(async () => {
    store.close();
    await wipe();
  });
  await expect.poll(() => look().catch(() => undefined)).toBeDefined();
});

afterAll(() => redis.disconnect());

async function wipe(): Promise<void> {
  const keys = await redis.keys(`${prefix}*`);
  if (keys.length > 0) await redis.del(keys);
}

const look = async (memory?: string, version = 0): Promise<LookReply> =>
  (await store.ask({ kind: 'look', memory, version })) as LookReply;

test('the scripts do what the model does', async () => {
  await fc.assert(
    fc.asyncProperty(anyRequests, async (requestsOf) => {
      await wipe();
      const { memory } = await look();
      const model = new MemoryContent(memory);
      for (const request of requestsOf(memory)) {
        const expected = model.answer(request);
        expect(await store.ask(request), JSON.stringify(request)).toEqual(expected);
        const everything = { kind: 'look', memory: undefined, version: 0 } as const;
        expect(await store.ask(everything), JSON.stringify(request)).toEqual(model.answer(everything));
      }
    }),
    { numRuns: 150 },
  );
});

const member = {
  instance: 'one',
  url: 'http://one',
  ttlMs: 6_000,
  sinceMs: 0,
  connectionsMax: 10_000,
  accepting: true,
  draining: false,
};

/** Joins with these keys and tells the memory. */
async function joined(session: string, keys: readonly string[] = []): Promise<string> {
  const { memory } = await look();
  const join = { kind: 'join', member, replaces: undefined, keys, session, beat: 1, memory } as const;
  expect(await store.ask(join)).toMatchObject({ status: 'done' });
  return memory;
}

test.each(collections)('a Redis that lost %s alone counts as one that lost everything', async (name) => {
  const memory = await joined('s1', ['a/1']);
  await redis.del(prefix + name);
  const seen = await look(memory);
  expect(seen.memory).not.toBe(memory);
  expect(seen.content?.owners.size).toBe(0);
  expect(await store.ask({ kind: 'renew', member, session: 's1', beat: 2, memory })).toMatchObject({ status: 'lost' });
});

test('what a Redis brings back from before its start counts as lost', async () => {
  const memory = await joined('s1', ['a/1']);
  await redis.hset(`${prefix}memory`, 'run', 'an earlier one');
  expect((await look(memory)).memory).not.toBe(memory);
});

test('of many that place the same keys at the same time one has effect', async () => {
  const sessions = Array.from({ length: 10 }, (_, index) => `s${index}`);
  for (const session of sessions) await joined(session);
  const { memory } = await look();
  const keys = someKeys(200);
  const place = { kind: 'place', dead: [], keys, forget: [], memory, beat: 2 } as const;
  await Promise.all(sessions.map((session) => store.ask({ ...place, living: [session], session })));
  const { content, version } = await look();
  expect(new Set(content?.owners.values()).size).toBe(1);
  expect(content?.owners.size).toBe(200);
  expect(version).toBe(1 + sessions.length + 1);
});

test('two thousand connections are read whole when something changed, and not at all otherwise', async () => {
  const memory = await joined('s1', someKeys(2_000));
  const seen = await look();
  expect(seen.content?.owners.size).toBe(2_000);
  expect((await look(memory, seen.version)).content).toBeUndefined();
});

test('who listens is told of a change and of an expired sign of life', async () => {
  await redis.config('SET', 'notify-keyspace-events', 'Kx');
  onTestFinished(async () => void (await redis.config('SET', 'notify-keyspace-events', '')));
  let hints = 0;
  store.onHint(() => (hints += 1));
  await expect
    .poll(async () => {
      await redis.set(`${prefix}alive:nobody`, 1, 'PX', 1);
      return hints;
    })
    .toBeGreaterThan(0);
  hints = 0;
  await joined('s1');
  await expect.poll(() => hints).toBeGreaterThan(0);
});
