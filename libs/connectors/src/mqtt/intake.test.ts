import { MillraceError } from '@millrace/contracts';
import { expect, test, vi } from 'vitest';
import type { RejectedMessage } from '../connector.ts';
import { fakePorts } from '../testing/fake-ports.ts';
import { type Delivery, Intake } from './intake.ts';

function watched() {
  const ports = fakePorts();
  const durable: Delivery[] = [];
  const failures: unknown[] = [];
  const room: boolean[] = [];
  const intake: Intake = new Intake(ports, {
    durable: (delivery) => void durable.push(delivery),
    failed: (error) => void failures.push(error),
    roomChanged: () => void room.push(!intake.waiting),
  });
  return { ...ports, ports, durable, failures, room, intake };
}

function delivery(name: string, parts: Partial<Delivery> = {}): Delivery {
  const message = {
    tenant: 'acme',
    deviceUid: 'd1',
    identificationCode: null,
    senderId: null,
    timeMicros: null,
    repeated: false,
    contentType: 'text/plain',
    attributes: {},
    payload: Buffer.from(name),
  };
  const accepted = [message];
  return { receipts: [], accepted, rejected: [], withoutReceipt: 0, repeated: 0, messages: 1, bytes: 1, ...parts };
}

test('a delivery is durable when the sink says so, not before', async () => {
  const { intake, sink, durable, counts } = watched();
  const first = delivery('a');
  intake.offer(first);
  await vi.waitFor(() => expect(sink.held).toHaveLength(1));
  expect(durable).toEqual([]);
  sink.release();
  await vi.waitFor(() => expect(durable).toEqual([first]));
  expect(counts).toMatchObject({ in: 1, out: 1 });
});

test('while the sink is overloaded deliveries wait, and are handed over in order when it has room', async () => {
  const { intake, sink, room, counts } = watched();
  intake.offer(delivery('a'));
  sink.overloaded = true;
  for (const name of ['b', 'c', 'd']) intake.offer(delivery(name));
  expect(room).toEqual([false]);
  expect(counts['in']).toBe(1);
  sink.overloaded = false;
  intake.offer(delivery('e'));
  sink.release();
  await vi.waitFor(() => expect(room).toEqual([false, true]));
  expect(sink.payloads).toEqual(['a', 'b', 'c', 'd', 'e']);
});

test('room that others gave back is noticed without anything of ours becoming durable', async () => {
  const { intake, sink } = watched();
  sink.overloaded = true;
  intake.offer(delivery('a'));
  sink.overloaded = false;
  await vi.waitFor(() => expect(sink.payloads).toEqual(['a']));
});

test('a rejected message is through when its dead letter is durable', async () => {
  const { intake, ports, durable, counts, happened } = watched();
  const kept = Promise.withResolvers<void>();
  ports.rejectedMessages.keep = () => kept.promise;
  const [message] = delivery('x').accepted;
  const rejected = [{ code: 'unknown_sender', detail: 'Nobody.', message }] as readonly RejectedMessage[];
  const entry = delivery('', { accepted: [], rejected });
  intake.offer(entry);
  await Promise.resolve();
  expect(durable).toEqual([]);
  expect(counts).toEqual({ in: 1, repeated: 0 });
  kept.resolve();
  await vi.waitFor(() => expect(durable).toEqual([entry]));
  expect(counts).toMatchObject({ in: 1, unknown_sender: 1 });
  expect(happened).toEqual([['messagesRejected', { code: 'unknown_sender', messages: 1, example: 'Nobody.' }]]);
});

test('when sink or dead letters fail, the delivery never counts as durable', async () => {
  for (const broken of ['sink', 'letters']) {
    const { intake, ports, sink, durable, failures, counts } = watched();
    const error = new MillraceError('stream_unavailable', 'Kafka is away.');
    if (broken === 'letters') ports.rejectedMessages.keep = () => Promise.reject(error);
    const [message] = delivery('x').accepted;
    intake.offer(delivery('a', { rejected: [{ code: 'unknown_sender', detail: '', message: message as never }] }));
    for (const { settle } of sink.held.splice(0)) settle(broken === 'sink' ? error : undefined);
    await vi.waitFor(() => expect(failures).toEqual([error]));
    expect(durable).toEqual([]);
    const { in: taken, ...ends } = counts;
    expect(Object.values(ends).reduce((sum, messages) => sum + messages)).toBe(taken);
  }
});

test('after the connection ended nobody is told, what waited is forgotten, and QoS 0 among it is counted as lost', async () => {
  const { intake, sink, durable, counts, happened } = watched();
  intake.offer(delivery('a'));
  sink.overloaded = true;
  intake.offer(delivery('b', { withoutReceipt: 1 }));
  intake.offer(delivery('c'));
  intake.stop();
  sink.overloaded = false;
  sink.release();
  await vi.waitFor(() => expect(counts['out']).toBe(1));
  expect(durable).toEqual([]);
  expect(sink.payloads).toEqual(['a']);
  expect(counts).toMatchObject({ in: 2, out: 1, overloaded: 1 });
  expect(happened).toMatchObject([['messagesRejected', { code: 'overloaded', messages: 1 }]]);
});
