import { MillraceError } from '@millrace/contracts';
import { expect, test } from 'vitest';
import type { RejectedMessage } from './connector.ts';
import { fakePorts } from './testing/fake-ports.ts';
import { type Delivery, Intake } from './intake.ts';
import { soon } from './testing/soon.ts';

function watched() {
  const ports = fakePorts();
  const durable: Delivery[] = [];
  const failures: unknown[] = [];
  const room: boolean[] = [];
  const outcome = {
    durable: (one: Delivery) => void durable.push(one),
    failed: (error: unknown) => void failures.push(error),
    roomChanged: () => void room.push(!intake.blocked),
  };
  const intake: Intake = new Intake(ports, outcome, new Set(['overloaded', 'quota_exceeded']));
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
  return { accepted, rejected: [], repeated: 0, messages: 1, bytes: 1, ...parts };
}

test('a delivery is durable when the sink says so, not before', async () => {
  const { intake, sink, durable, counts } = watched();
  const first = delivery('a');
  intake.offer(first);
  await soon(() => expect(sink.held).toHaveLength(1));
  expect(durable).toEqual([]);
  sink.release();
  await soon(() => expect(durable).toEqual([first]));
  expect(counts).toMatchObject({ in: 1, out: 1 });
});

test('an overloaded sink gets everything in order once it has room', async () => {
  const { intake, sink, room, counts } = watched();
  intake.offer(delivery('a'));
  await soon(() => expect(sink.payloads).toEqual(['a']));
  sink.overloaded = true;
  for (const name of ['b', 'c', 'd']) intake.offer(delivery(name));
  await soon(() => expect(room).toEqual([false]));
  sink.overloaded = false;
  intake.offer(delivery('e'));
  sink.release();
  await soon(() => expect(room).toEqual([false, true]));
  await soon(() => expect(sink.payloads).toEqual(['a', 'b', 'c', 'd', 'e']));
  expect(counts).toMatchObject({ in: 5, out: 1 });
});

test('a large call that is refused is not overtaken by a small one that would have had room', async () => {
  const { intake, ports, sink } = watched();
  const accept = sink.accept.bind(sink);
  ports.sink.accept = async (messages) => {
    if (messages.length > 1 && sink.taken.length === 0 && sink.overloaded)
      throw new MillraceError('overloaded', 'No room.');
    return accept(messages);
  };
  sink.overloaded = true;
  const large = delivery('large');
  intake.offer({ ...large, accepted: Array.from({ length: 1000 }, () => large.accepted[0] as never), messages: 1000 });
  intake.offer(delivery('small'));
  await soon(() => expect(intake.blocked).toBe(true));
  expect(sink.taken).toEqual([]);
  sink.overloaded = false;
  await soon(() => expect(sink.payloads).toHaveLength(1001));
  expect(sink.payloads.at(-1)).toBe('small');
});

test('deliveries of one turn of the event loop are one call of the sink, up to a thousand messages', async () => {
  const { intake, sink } = watched();
  for (let index = 0; index < 2500; index += 1) intake.offer(delivery(`${index}`));
  await soon(() => expect(sink.taken).toHaveLength(2500));
  expect(sink.held.map(({ messages }) => messages.length)).toEqual([1000, 1000, 500]);
});

test('as long as the sink refuses there is no room, whatever else comes', async () => {
  const { intake, ports, room } = watched();
  let refusals = 0;
  ports.sink.accept = () => {
    refusals += 1;
    return Promise.reject(new MillraceError('overloaded', 'No room.'));
  };
  intake.offer(delivery('a'));
  await soon(() => expect(intake.blocked).toBe(true));
  const before = refusals;
  intake.offer(delivery('b'));
  await soon(() => expect(refusals).toBeGreaterThan(before + 1));
  expect(room).toEqual([false]);
  intake.stop();
});

test('room that others gave back is noticed without anything of ours becoming durable', async () => {
  const { intake, sink } = watched();
  sink.overloaded = true;
  intake.offer(delivery('a'));
  sink.overloaded = false;
  await soon(() => expect(sink.payloads).toEqual(['a']));
});

test('a rejected message is through when its dead letter is durable', async () => {
  const { intake, ports, durable, counts, happened } = watched();
  const kept = Promise.withResolvers<void>();
  let asked = 0;
  ports.rejectedMessages.keep = () => {
    asked += 1;
    return kept.promise;
  };
  const [message] = delivery('x').accepted;
  const rejected = [{ code: 'unknown_sender', detail: 'Nobody.', message }] as readonly RejectedMessage[];
  const entry = delivery('', { accepted: [], rejected });
  intake.offer(entry);
  await soon(() => expect(asked).toBe(1));
  expect(durable).toEqual([]);
  expect(counts).toEqual({ in: 1, repeated: 0, out: 0 });
  kept.resolve();
  await soon(() => expect(durable).toEqual([entry]));
  expect(counts).toMatchObject({ in: 1, unknown_sender: 1 });
  expect(happened).toEqual([['messagesRejected', { code: 'unknown_sender', messages: 1, example: 'Nobody.' }]]);
});

test('when sink or dead letters fail, the delivery never counts as durable', async () => {
  for (const broken of ['sink', 'letters']) {
    const { intake, ports, sink, durable, failures, counts } = watched();
    const error = new MillraceError('stream_unavailable', 'Kafka is away.');
    if (broken === 'letters') ports.rejectedMessages.keep = () => Promise.reject(error);
    const [message] = delivery('x').accepted;
    const rejected: readonly RejectedMessage[] = [{ code: 'unknown_sender', detail: '', message: message as never }];
    intake.offer(delivery('a', { rejected, messages: 2 }));
    await soon(() => expect(sink.held).toHaveLength(1));
    for (const { settle } of sink.held.splice(0)) settle(broken === 'sink' ? error : undefined);
    await soon(() => expect(failures).toEqual([error]));
    expect(durable).toEqual([]);
    const { in: taken, ...ends } = counts;
    expect(Object.values(ends).reduce((sum, messages) => sum + messages)).toBe(taken);
  }
});

test('after the connection ended nobody is told, and what waited is counted as given back', async () => {
  const { intake, sink, durable, counts, happened } = watched();
  intake.offer(delivery('a'));
  await soon(() => expect(sink.held).toHaveLength(1));
  sink.overloaded = true;
  for (const name of ['b', 'c']) intake.offer(delivery(name));
  await soon(() => expect(intake.blocked).toBe(true));
  intake.stop();
  sink.overloaded = false;
  sink.release();
  await soon(() => expect(counts['out']).toBe(1));
  expect(durable).toEqual([]);
  expect(sink.payloads).toEqual(['a']);
  expect(counts).toMatchObject({ in: 3, out: 1, overloaded: 2 });
  expect(happened).toMatchObject([['messagesRejected', { code: 'overloaded', messages: 2 }]]);
});
