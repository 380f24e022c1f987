import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { MillraceError } from '@millrace/contracts';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { BatchConsumer, type BatchConsumerOptions } from './batch-consumer.ts';
import type { RecordBatch } from './record-batch.ts';
import { RecordProducer } from './record-producer.ts';
import { newKafka, numbered, numbersOf, TestStream } from './test-stream.ts';

const stream = new TestStream();
const producer = new RecordProducer(stream.kafka);
const consumers: BatchConsumer[] = [];

beforeAll(() => stream.admin.connect());
afterEach(() => Promise.all(consumers.splice(0).map((consumer) => consumer.stop())));
afterAll(() => Promise.all([producer.close(), stream.close()]));

type Options = Partial<BatchConsumerOptions> & Pick<BatchConsumerOptions, 'groupId' | 'topics' | 'handle'>;

async function consume(options: Options): Promise<BatchConsumer> {
  const onCrash = (error: unknown): void => {
    throw error;
  };
  const consumer = new BatchConsumer(newKafka(), { waitMsMax: 50, onCrash, ...options });
  consumers.push(consumer);
  await consumer.start();
  return consumer;
}

/** A handler that notes what it settles, by partition. */
class Seen {
  readonly numbers = new Map<number, number[]>();
  readonly handle = (batch: RecordBatch): Promise<void> => {
    this.note(batch, batch.records.length);
    return Promise.resolve();
  };

  note(batch: RecordBatch, count: number): void {
    const before = this.numbers.get(batch.partition) ?? [];
    this.numbers.set(batch.partition, [...before, ...numbersOf(batch.records.slice(0, count))]);
    batch.settle(count);
  }

  of(partition: number): readonly number[] {
    return this.numbers.get(partition) ?? [];
  }
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

function newGroup(): string {
  return `test.${randomUUID()}`;
}

test('every record comes once and in order, and what is settled is committed', async () => {
  const [topic, groupId, seen] = [await stream.newTopic(3), newGroup(), new Seen()];
  for (const partition of [0, 1, 2]) await producer.send(numbered(topic, partition, 0, 300));
  await consume({ groupId, topics: [topic], handle: seen.handle });
  await vi.waitFor(async () => expect(await stream.committed(groupId, topic)).toEqual([300, 300, 300]), 10_000);
  for (const partition of [0, 1, 2]) expect(seen.of(partition)).toEqual(range(0, 300));
});

test('a member that comes later goes on where the group had committed', async () => {
  const [topic, groupId, first, second] = [await stream.newTopic(), newGroup(), new Seen(), new Seen()];
  await producer.send(numbered(topic, 0, 0, 10));
  const consumer = await consume({ groupId, topics: [topic], handle: first.handle });
  await vi.waitFor(() => expect(first.of(0)).toHaveLength(10), 10_000);
  await consumer.stop();
  await producer.send(numbered(topic, 0, 10, 15));
  await consume({ groupId, topics: [topic], handle: second.handle });
  await vi.waitFor(() => expect(second.of(0)).toEqual(range(10, 15)), 10_000);
});

test('while a store is away its partition waits and comes again from what is not settled, and the others go on', async () => {
  const [topic, groupId, seen] = [await stream.newTopic(2), newGroup(), new Seen()];
  let away = true;
  let tries = 0;
  await producer.send(numbered(topic, 0, 0, 20));
  const handle = (batch: RecordBatch): Promise<void> => {
    if (batch.partition === 1 || !away) return seen.handle(batch);
    tries += 1;
    if (tries === 1) seen.note(batch, 5);
    return Promise.reject(new MillraceError('store_unavailable', 'The store is away.'));
  };
  await consume({ groupId, topics: [topic], handle });
  await vi.waitFor(() => expect(tries).toBeGreaterThan(1), 10_000);
  await producer.send(numbered(topic, 1, 0, 3));
  await vi.waitFor(() => expect(seen.of(1)).toEqual(range(0, 3)), 10_000);
  expect(seen.of(0)).toEqual(range(0, 5));
  await vi.waitFor(async () => expect(await stream.committed(groupId, topic)).toEqual([5, 3]), 5_000);
  away = false;
  await vi.waitFor(() => expect(seen.of(0)).toEqual(range(0, 20)), 10_000);
});

test.each([new TypeError('x is not a function'), new MillraceError('script_result', 'A defect.'), 'not even an error'])(
  'a defect ends the consumer with the error itself and commits only what was settled: %s',
  async (defect) => {
    const [topic, groupId, onCrash] = [await stream.newTopic(), newGroup(), vi.fn<(error: unknown) => void>()];
    await producer.send(numbered(topic, 0, 0, 9));
    const handle = (batch: RecordBatch): Promise<void> => {
      batch.settle(4);
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- handlers may throw anything
      return Promise.reject(defect);
    };
    const consumer = await consume({ groupId, topics: [topic], handle, onCrash });
    await vi.waitFor(() => expect(onCrash).toHaveBeenCalledExactlyOnceWith(defect), 10_000);
    expect(await stream.committed(groupId, topic)).toEqual([4]);
    expect(consumer.joined).toBe(false);
  },
);

test('a handler that returns without settling keeps the offset back and gets the next records all the same', async () => {
  const [topic, groupId, seen] = [await stream.newTopic(), newGroup(), new Seen()];
  let held: RecordBatch | undefined;
  const handle = (batch: RecordBatch): Promise<void> => {
    if (held) return seen.handle(batch);
    held = batch;
    return Promise.resolve();
  };
  await producer.send(numbered(topic, 0, 0, 5));
  await consume({ groupId, topics: [topic], handle });
  await vi.waitFor(() => expect(held).toBeDefined(), 10_000);
  expect(await stream.committed(groupId, topic)).toEqual([-1]);
  held?.settleBefore(3n);
  await held?.commit();
  expect(await stream.committed(groupId, topic)).toEqual([3]);
  await producer.send(numbered(topic, 0, 5, 7));
  await vi.waitFor(() => expect(seen.of(0)).toEqual([5, 6]), 10_000);
});

test('a second member takes over half; the first is told by its signal, loses nothing and commits nothing stale', async () => {
  const [topic, groupId, seen] = [await stream.newTopic(4), newGroup(), new Seen()];
  for (const partition of range(0, 4)) await producer.send(numbered(topic, partition, 0, 50));
  const revoked = Promise.withResolvers<void>();
  const late: Promise<unknown>[] = [];
  let slow = true;
  const handleSlowly = async (batch: RecordBatch): Promise<void> => {
    if (!slow) return seen.handle(batch);
    if (!batch.signal.aborted) await new Promise((resolve) => batch.signal.addEventListener('abort', resolve));
    batch.settle(batch.records.length);
    late.push(batch.commit().catch((error: unknown) => error));
    slow = false;
    revoked.resolve();
  };
  const first = await consume({ groupId, topics: [topic], handle: handleSlowly });
  await vi.waitFor(() => expect(first.joined).toBe(true), 10_000);
  const second = consume({ groupId, topics: [topic], handle: seen.handle });
  await revoked.promise;
  expect(await stream.committed(groupId, topic)).toEqual([-1, -1, -1, -1]);
  await second;
  await vi.waitFor(() => {
    for (const partition of range(0, 4)) expect(new Set(seen.of(partition))).toEqual(new Set(range(0, 50)));
  }, 15_000);
  for (const outcome of await Promise.all(late)) expect(outcome).toBeInstanceOf(Error);
  await vi.waitFor(async () => expect(await stream.committed(groupId, topic)).toEqual([50, 50, 50, 50]), 10_000);
});

test('a handler that waits longer than a session lasts keeps its partition', async () => {
  const [topic, groupId] = [await stream.newTopic(), newGroup()];
  await producer.send(numbered(topic, 0, 0, 3));
  let calls = 0;
  const handle = async (batch: RecordBatch): Promise<void> => {
    calls += 1;
    await sleep(8_000, undefined, { signal: batch.signal });
    batch.settle(batch.records.length);
  };
  await consume({ groupId, topics: [topic], handle });
  await vi.waitFor(async () => expect(await stream.committed(groupId, topic)).toEqual([3]), 15_000);
  expect(calls).toBe(1);
});

test('stopping lets a handler finish and commits what it settled', async () => {
  const [topic, groupId] = [await stream.newTopic(), newGroup()];
  await producer.send(numbered(topic, 0, 0, 3));
  const begun = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const handle = async (batch: RecordBatch): Promise<void> => {
    begun.resolve();
    await release.promise;
    expect(batch.signal.aborted).toBe(false);
    batch.settle(batch.records.length);
  };
  const consumer = await consume({ groupId, topics: [topic], handle });
  await begun.promise;
  const stopping = consumer.stop();
  release.resolve();
  await stopping;
  expect(await stream.committed(groupId, topic)).toEqual([3]);
});
