/** Against a real Redis: its scripts do what the model does that the simulation runs with, and what is lost is noticed. */
import { randomUUID } from 'node:crypto';
import { testAddresses } from '@millrace/testkit';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import type { LookReply } from '../lease-store.ts';
import { anyRequests } from '../testing/any-request.ts';
import { MemoryContent } from '../testing/memory-content.ts';
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
