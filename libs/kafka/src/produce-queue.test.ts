import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { OutgoingRecord } from './outgoing-record.ts';
import { bytesOf, ProduceQueue, type ProduceRequest } from './produce-queue.ts';
import { Send } from './send.ts';

const limits = { partitionBytesMax: 200, requestBytesMax: 500 };

const records = fc.array(
  fc.record({
    topic: fc.constantFrom('a', 'b'),
    partition: fc.nat(2),
    key: fc.constant(null),
    value: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  }),
  { minLength: 1, maxLength: 8 },
);

function sendOf(sent: readonly OutgoingRecord[]): Send {
  return new Send(sent, undefined, () => undefined);
}

function takeAll(queue: ProduceQueue): readonly ProduceRequest[] {
  const requests: ProduceRequest[] = [];
  for (let request = queue.take(); request; request = queue.take()) requests.push(request);
  return requests;
}

function recordsOf(request: ProduceRequest, topic: string, partition: number): readonly OutgoingRecord[] {
  const messages = request.topicMessages.find((one) => one.topic === topic)?.messages ?? [];
  return messages.filter((record) => record.partition === partition);
}

test('whatever is sent, each partition gets its records once and in order, in requests within the limits', () => {
  fc.assert(
    fc.property(fc.array(records, { maxLength: 8 }), (sends) => {
      const queue = new ProduceQueue(limits);
      for (const sent of sends) queue.push(sendOf(sent));
      const requests = takeAll(queue);
      for (const topic of ['a', 'b'])
        for (const partition of [0, 1, 2]) {
          const sent = sends.flat().filter((record) => record.topic === topic && record.partition === partition);
          const taken = requests.map((request) => recordsOf(request, topic, partition));
          expect(taken.flat()).toEqual(sent);
          for (const batch of taken)
            if (batch.length > 1) expect(sum(batch)).toBeLessThanOrEqual(limits.partitionBytesMax);
        }
      for (const { topicMessages, bytes } of requests) {
        const all = topicMessages.flatMap(({ messages }) => messages);
        expect(bytes).toBe(sum(all));
        if (all.length > 1) expect(bytes).toBeLessThanOrEqual(limits.requestBytesMax);
      }
    }),
  );
});

test('a send is with the request that has its last record', () => {
  const queue = new ProduceQueue(limits);
  const record = { topic: 'a', partition: 0, key: null, value: Buffer.alloc(100) };
  const [first, second] = [sendOf([record, record, record]), sendOf([record])];
  queue.push(first);
  queue.push(second);
  const [one, two, three, four] = takeAll(queue).map(({ sends }) => sends);
  expect([one, two]).toEqual([[first], [first]]);
  expect([three, four]).toEqual([[first, second], [second]]);
});

test('what is given up while it waits is not sent', () => {
  const queue = new ProduceQueue(limits);
  const given = sendOf([{ topic: 'a', partition: 0, key: null, value: null }]);
  queue.push(given);
  queue.remove(given);
  expect(queue.take()).toBeUndefined();
});

function sum(batch: readonly OutgoingRecord[]): number {
  return batch.reduce((total, record) => total + bytesOf(record), 0);
}
