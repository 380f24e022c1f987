/**
 * Promise: every change of the configuration that was acknowledged reaches its topic once and in order, whatever process dies
 * meanwhile; and a topic that lost its records is written anew.
 */
import { type DeviceConfig, topics } from '@millrace/contracts';
import { createKafka, ensureTopics } from '@millrace/kafka';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { readTopic } from '../../integrity/read-topic.ts';
import { ChangeStack } from './change-stack.ts';
import { proveChanges } from './prove-changes.ts';

const liveMsMax = 60_000;
let plane: ChangeStack;

beforeAll(async () => {
  plane = await ChangeStack.start();
}, 240_000);

afterAll(() => plane?.stop(), 60_000);

test(
  'changes are published once and in order while api, PostgreSQL and Kafka are killed',
  { timeout: 240_000 },
  async () => {
    const wishes = { changes: 1_600, seed: 7, kinds: ['kill'] } as const;
    const proof = await proveChanges(plane, wishes, () => undefined, AbortSignal.timeout(200_000));
    process.stdout.write(`${JSON.stringify(proof)}\n`);
    expect(proof.examples).toEqual([]);
    expect(proof.violations).toEqual({
      lost: 0,
      refusedButPublished: 0,
      repeated: 0,
      outOfOrder: 0,
      invented: 0,
      answeredOtherwise: 0,
      nothingCutOff: 0,
    });
    expect(proof.acknowledged).toBeGreaterThan(500);
    // Each process was struck.
    expect(Object.keys(proof.interruptions).join()).toMatch(/(?=.*api-)(?=.*postgres)(?=.*kafka)/);
  },
);

test(
  'a topic that was lost is written anew as a whole with the next change, or on demand',
  { timeout: 120_000 },
  async () => {
    const before = await deviceKeys();
    expect(before.length).toBeGreaterThan(10);
    const kafka = createKafka({ brokers: [plane.stack.address('kafka')], clientId: 'integrity' });
    const admin = kafka.newClient().admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [topics.configDevices.name] });
    await admin.disconnect();
    await ensureTopics(kafka, [topics.configDevices], { mayCreate: true }, AbortSignal.timeout(liveMsMax));
    expect(await deviceKeys()).toEqual([]);
    // A change finds out: services that take the new topic for the whole would forget all others.
    await plane.newestIsLive('after', AbortSignal.timeout(liveMsMax));
    await vi.waitFor(async () => expect(await deviceKeys()).toEqual(expect.arrayContaining(before)), {
      timeout: liveMsMax,
      interval: 500,
    });
    const answer = await fetch(`${plane.apis[0]}/v1/config/republish`, {
      method: 'POST',
      headers: { authorization: `Bearer ${plane.stack.adminKey}` },
    });
    expect(answer.status).toBe(200);
    await plane.newestIsLive('again', AbortSignal.timeout(liveMsMax));
  },
);

/** Of the devices that were changed. */
async function deviceKeys(): Promise<string[]> {
  const records = await readTopic<DeviceConfig>(plane.stack, topics.configDevices);
  return [...new Set(records.map(({ key }) => key))].filter((key) => key.includes('/device-')).toSorted();
}
