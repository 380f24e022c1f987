import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { createKafka } from './kafka.ts';
import type { Cluster, FetchedPartition, FetchRequest } from './kafkajs/cluster.ts';
import { DecodedRecord } from './kafkajs/record-decoding.ts';
import { type OnRecords, PartitionReader } from './partition-reader.ts';

type FetchOf = Awaited<ReturnType<Cluster['findBroker']>>['fetch'];
type Answer = Readonly<Record<number, readonly number[]>> | (() => never);

/** A broker with one topic of two partitions, which answers fetches from a list and then with nothing. */
class Broker {
  readonly requests: Record<number, string>[] = [];
  readonly answers: Answer[];
  beginsAt = 0;
  endsAt: number;

  constructor(endsAt: number, answers: readonly Answer[]) {
    this.endsAt = endsAt;
    this.answers = [...answers];
  }

  get cluster(): Cluster {
    return {
      connect: () => Promise.resolve(),
      disconnect: () => Promise.resolve(),
      refreshMetadata: () => Promise.resolve(),
      addMultipleTargetTopics: () => Promise.resolve(),
      findTopicPartitionMetadata: () => [0, 1].map((partitionId) => ({ partitionId, leader: 1 })),
      fetchTopicsOffset: ([request]) =>
        Promise.resolve([{ topic: 'a', partitions: this.#offsets(request?.fromBeginning) }]),
      findBroker: () => Promise.resolve({ fetch: (request) => this.fetch(request) }),
    };
  }

  #offsets(fromBeginning: boolean | undefined) {
    return [0, 1].map((partition) => ({ partition, offset: String(fromBeginning ? this.beginsAt : this.endsAt) }));
  }

  async fetch({ topics }: FetchRequest) {
    const wanted = topics[0]?.partitions ?? [];
    this.requests.push(Object.fromEntries(wanted.map(({ partition, fetchOffset }) => [partition, fetchOffset])));
    await new Promise((resolve) => setImmediate(resolve));
    const answer = this.answers.shift() ?? {};
    if (typeof answer === 'function') return answer();
    const partitions = [0, 1].map((partition) => this.#partition(partition, answer[partition] ?? []));
    return { responses: [{ topicName: 'a', partitions }] };
  }

  #partition(partition: number, offsets: readonly number[]): FetchedPartition {
    const context = {
      firstOffset: '0',
      firstTimestamp: '0',
      maxTimestamp: '0',
      timestampType: 0,
      isControlBatch: false,
      inTransaction: false,
      producerId: '-1',
      magicByte: 2,
    };
    const messages = offsets.map((offset) => new DecodedRecord(context, offset, 0, null, null, {}));
    const end = String(this.endsAt);
    const lastStartOffset = String(this.beginsAt);
    return { partition, lastStableOffset: end, lastStartOffset, highWatermark: end, messages } as FetchedPartition;
  }
}

let reader: PartitionReader | undefined;
afterEach(() => reader?.close());

/** Reads to the end; gives the offsets that were handed on, in order, as `partition:offset`, and `anew partition`. */
async function readToEnd(broker: Broker, keepsAll = false): Promise<string[]> {
  const seen: string[] = [];
  const kafka = createKafka({ brokers: ['127.0.0.1:1'], clientId: 'test' });
  const onRecords = (
    _topic: string,
    partition: number,
    records: readonly { readonly offset: string }[],
  ): Promise<void> => {
    seen.push(...records.map(({ offset }) => `${partition}:${offset}`));
    return Promise.resolve();
  };
  const opened = new PartitionReader(kafka, ['a'], onRecords, {
    keepsAll: () => keepsAll,
    onAnew: ({ partition }) => void seen.push(`anew ${partition}`),
    cluster: broker.cluster,
  });
  reader = opened;
  const signal = AbortSignal.timeout(5_000);
  await opened.start(signal);
  await opened.until(() => opened.partitions.every(({ position, end }) => position >= end), signal);
  return seen;
}

test('what was compacted away at the end is not waited for once a fetch finds nothing', async () => {
  const broker = new Broker(10, [{ 0: [3, 4], 1: [9] }]);
  expect(await readToEnd(broker)).toEqual(['0:3', '0:4', '1:9']);
  expect(broker.requests[1]).toEqual({ 0: '5', 1: '10' });
});

test('a partition that a full answer leaves out is not taken for read', async () => {
  const broker = new Broker(3, [{ 0: [0, 1, 2] }, { 1: [0, 2] }]);
  expect(await readToEnd(broker)).toEqual(['0:0', '0:1', '0:2', '1:0', '1:2']);
  expect(broker.requests[1]).toEqual({ 0: '3', 1: '0' });
});

test('a fetch that fails is repeated from the same place', async () => {
  const broker = new Broker(2, [{ 0: [0] }, fail, { 0: [1], 1: [0, 1] }]);
  expect(await readToEnd(broker)).toEqual(['0:0', '0:1', '1:0', '1:1']);
});

test('where retention took the place that was to be read, reading goes on with the first record there is', async () => {
  const broker: Broker = new Broker(9, [outOfRange, { 0: [7, 8], 1: [8] }]);
  function outOfRange(): never {
    broker.beginsAt = 7;
    throw refusal('OFFSET_OUT_OF_RANGE');
  }
  expect(await readToEnd(broker)).toEqual(['0:7', '0:8', '1:8']);
  expect(broker.requests.slice(0, 2)).toEqual([
    { 0: '0', 1: '0' },
    { 0: '7', 1: '7' },
  ]);
});

test('a topic that ends before what was read is another one of this name: it is read from its beginning', async () => {
  const broker: Broker = new Broker(5, [{ 0: [4], 1: [4] }]);
  const seen = await readToEnd(broker);
  broker.answers.push(madeAnew, { 0: [0, 1], 1: [0] });
  function madeAnew(): never {
    broker.endsAt = 2;
    throw refusal('OFFSET_OUT_OF_RANGE');
  }
  await vi.waitFor(() => expect(seen).toEqual(['0:4', '1:4', 'anew 0', 'anew 1', '0:0', '0:1', '1:0']));
});

test('a topic that keeps all and was gone is read again, also when the new one is as long as the old one', async () => {
  const broker: Broker = new Broker(5, [{ 0: [4], 1: [4] }]);
  const seen = await readToEnd(broker, true);
  broker.answers.push(() => {
    throw refusal('UNKNOWN_TOPIC_OR_PARTITION');
  });
  broker.answers.push({ 0: [4], 1: [4] });
  await vi.waitFor(() => expect(seen).toEqual(['0:4', '1:4', 'anew 0', 'anew 1', '0:4', '1:4']));
});

test('where nothing vanishes by itself a new beginning is noticed before what comes after it is handed on', async () => {
  const broker: Broker = new Broker(5, [{ 0: [4], 1: [4] }]);
  const seen = await readToEnd(broker, true);
  broker.beginsAt = 5;
  broker.endsAt = 6;
  broker.answers.push({ 0: [5], 1: [5] }, { 0: [5], 1: [5] });
  await vi.waitFor(() => expect(seen).toEqual(['0:4', '1:4', 'anew 0', 'anew 1', '0:5', '1:5']));
});

test('where retention takes records a new beginning is no news', async () => {
  const broker: Broker = new Broker(5, [{ 0: [4], 1: [4] }]);
  const seen = await readToEnd(broker);
  broker.beginsAt = 5;
  broker.endsAt = 6;
  broker.answers.push({ 0: [5], 1: [5] });
  await vi.waitFor(() => expect(seen).toEqual(['0:4', '1:4', '0:5', '1:5']));
});

test('a fetch from a slow broker is waited for before the next, also when another broker fails', async () => {
  const events: string[] = [];
  const broker = new Broker(1, [{ 0: [0] }]);
  const slow: FetchOf = async (request) => {
    events.push('asked');
    await sleep(300); // longer than the first delay after a failure
    events.push('answered');
    return broker.fetch(request);
  };
  const cluster: Cluster = {
    ...broker.cluster,
    findTopicPartitionMetadata: () => [0, 1].map((partitionId) => ({ partitionId, leader: partitionId })),
    findBroker: ({ nodeId }) => Promise.resolve({ fetch: nodeId === '0' ? slow : () => Promise.reject(new Error()) }),
  };
  const kafka = createKafka({ brokers: ['127.0.0.1:1'], clientId: 'test' });
  const onRecords: OnRecords = async () => void events.push('handed on');
  reader = new PartitionReader(kafka, ['a'], onRecords, { cluster });
  await reader.start(AbortSignal.timeout(5_000));
  await vi.waitFor(() => expect(events.filter((event) => event === 'asked')).toHaveLength(2), 5_000);
  expect(events).toEqual(['asked', 'answered', 'handed on', 'asked']);
});

function refusal(type: string): Error {
  return Object.assign(new Error(type), { type });
}

function fail(): never {
  throw new Error('Connection closed.');
}
