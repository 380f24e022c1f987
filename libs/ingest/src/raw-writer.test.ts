import { MillraceError, type ReceivedMessage } from '@millrace/contracts';
import { expect, test } from 'vitest';
import { lingerMs, newHeldWriter } from './testing/held-writer.ts';
import { newCodec, received } from './testing/received.ts';

const codec = newCodec();

const many = (count: number): readonly ReceivedMessage[] => Array.from({ length: count }, () => received());

test('messages are durable when the producer says so, and not before', async () => {
  const { writer, producer, clock } = newHeldWriter();
  let ids: readonly Uint8Array[] | undefined;
  const accepted = writer.accept([received(), received()]).then((given) => (ids = given));
  await clock.advance(lingerMs);
  expect(producer.sent).toHaveLength(1);
  expect(ids).toBeUndefined();
  producer.succeed();
  await accepted;
  const { messages } = codec.decode(producer.sent[0]!.value!);
  expect(ids?.map((id) => Buffer.from(id))).toEqual(messages.map(({ messageId }) => messageId));
});

test('the record says who took the messages, and when', async () => {
  const { writer, producer, clock } = newHeldWriter({ connectionId: 'c1', epoch: 42, protocol: 'mqtt' });
  void writer.accept([received()]);
  await clock.advance(lingerMs);
  const [record] = producer.sent;
  expect(record).toMatchObject({ topic: 'telemetry.raw.v1', key: null });
  const batch = codec.decode(record!.value!);
  expect(batch).toMatchObject({ ingestor: 'gateway-1', protocol: 'mqtt', connectionId: 'c1', epoch: 42 });
  expect(batch.messages[0]?.receivedAtMicros).toBe(1_700_000_000_000_000);
});

test('many calls travel in one record', async () => {
  const { writer, producer, clock } = newHeldWriter();
  for (let call = 0; call < 20; call += 1) void writer.accept([received()]);
  await clock.advance(lingerMs);
  expect(producer.sent.map(({ value }) => codec.decode(value!).messages.length)).toEqual([20]);
});

test('one request is in flight, and the next batch fills meanwhile', async () => {
  const { writer, producer, clock } = newHeldWriter();
  void writer.accept(many(3));
  await clock.advance(lingerMs);
  for (let call = 0; call < 4; call += 1) {
    void writer.accept(many(3));
    await clock.advance(lingerMs);
  }
  expect(producer.inFlight).toBe(1);
  producer.succeed();
  await clock.advance(0);
  expect(producer.sent.map(({ value }) => codec.decode(value!).messages.length)).toEqual([3, 12]);
});

test('a call without messages writes nothing: an empty record is a fence', async () => {
  const { writer, producer, clock } = newHeldWriter();
  expect(await writer.accept([])).toEqual([]);
  await clock.advance(lingerMs);
  expect(producer.sent).toEqual([]);
});

test.each([
  ['messages', { messagesInFlightMax: 10 }],
  ['bytes', { bytesInFlightMax: 2_000 }],
])('beyond the limit of %s in flight it refuses at once, and takes again when there is room', async (_what, limit) => {
  const { writer, producer, clock, counts } = newHeldWriter(limit);
  const first = writer.accept(many(10));
  await expect(writer.accept(many(1))).rejects.toMatchObject({ code: 'overloaded', retry: 'later' });
  await clock.advance(lingerMs);
  await expect(writer.accept(many(1))).rejects.toMatchObject({ code: 'overloaded' });
  producer.succeed();
  await first;
  const second = writer.accept(many(1));
  await clock.advance(lingerMs);
  producer.succeed();
  await second;
  expect(counts).toEqual({ in: 13, out: 11, overloaded: 2 });
});

test('a refusal is known before the next turn of the event loop, so that no later message overtakes', async () => {
  const { writer } = newHeldWriter({ messagesInFlightMax: 10 });
  void writer.accept(many(10));
  let refused = false;
  writer.accept(many(1)).catch(() => (refused = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(refused).toBe(true);
});

test('a message that no record can hold is refused and does not hurt its neighbours', async () => {
  const { writer, producer, clock } = newHeldWriter();
  const fine = writer.accept([received()]);
  const large = received({ payload: Buffer.alloc(1_000_000) });
  await expect(writer.accept([received(), large])).rejects.toMatchObject({ code: 'body_too_large' });
  await clock.advance(lingerMs);
  producer.succeed();
  await expect(fine).resolves.toHaveLength(1);
});

test('a failed write is told to every call that travelled in it, and the next one goes on', async () => {
  const { writer, producer, clock, counts } = newHeldWriter();
  const failed = [writer.accept(many(2)), writer.accept(many(3))];
  const told = Promise.allSettled(failed);
  await clock.advance(lingerMs);
  producer.fail(new Error('refused'));
  expect((await told).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  const next = writer.accept(many(1));
  await clock.advance(lingerMs);
  producer.succeed();
  await next;
  expect(counts).toEqual({ in: 6, internal: 5, out: 1 });
  expect(writer.messagesInFlight).toBe(0);
});

test('closing waits for what is in flight and takes no more', async () => {
  const { writer, producer, clock } = newHeldWriter();
  const accepted = writer.accept(many(2));
  const closed = writer.close();
  await expect(writer.accept(many(1))).rejects.toMatchObject({ code: 'not_ready' });
  await clock.advance(0);
  producer.succeed();
  await closed;
  await expect(accepted).resolves.toHaveLength(2);
});

test('closing that may wait no longer refuses what is not durable', async () => {
  const { writer } = newHeldWriter();
  const accepted = writer.accept(many(2));
  const late = new AbortController();
  const closed = writer.close(late.signal);
  late.abort(new Error('out of time'));
  await expect(accepted).rejects.toThrow('out of time');
  await closed;
});

test('what is not admitted is refused before anything is written, counted, and its neighbours go on', async () => {
  const quota = new MillraceError('quota_exceeded', 'Wait.');
  const admit = (_tenant: string, messages: number): void => {
    if (messages > 2) throw quota;
  };
  const { writer, producer, clock, counts } = newHeldWriter({ admission: { admit, giveBack() {} } });
  const fine = writer.accept(many(2));
  await expect(writer.accept(many(3))).rejects.toBe(quota);
  await clock.advance(lingerMs);
  producer.succeed();
  await fine;
  expect(producer.sent).toHaveLength(1);
  expect(counts).toEqual({ in: 5, out: 2, quota_exceeded: 3 });
});

test('what was admitted and not taken all the same is given back', async () => {
  let balance = 0;
  const admission = {
    admit: (_tenant: string, messages: number) => void (balance += messages),
    giveBack: (_tenant: string, messages: number) => void (balance -= messages),
  };
  const { writer, producer, clock } = newHeldWriter({ admission, bytesInFlightMax: 2_000 });
  const first = writer.accept(many(10));
  await expect(writer.accept(many(1))).rejects.toMatchObject({ code: 'overloaded' });
  await expect(writer.accept([received({ payload: Buffer.alloc(1_000_000) })])).rejects.toMatchObject({
    code: 'body_too_large',
  });
  await clock.advance(lingerMs);
  producer.succeed();
  await first;
  expect(balance).toBe(10);
});
