import { getEventListeners } from 'node:events';
import { MillraceError, type MessageSink, type ReceivedMessage } from '@millrace/contracts';
import { expect, test } from 'vitest';
import { received } from '../testing/received.ts';
import { OwnedSink } from './owned-sink.ts';

/** Keeps what it is given, and answers when the test says so. */
class HeldSink implements MessageSink {
  readonly taken: string[] = [];
  readonly answers: PromiseWithResolvers<readonly Uint8Array[]>[] = [];

  accept(messages: readonly ReceivedMessage[]): Promise<readonly Uint8Array[]> {
    const answer = Promise.withResolvers<readonly Uint8Array[]>();
    this.answers.push(answer);
    this.taken.push(...messages.map(({ deviceUid }) => deviceUid));
    return answer.promise;
  }
}

function newOwner() {
  const writer = new HeldSink();
  const confirmation = Promise.withResolvers<void>();
  const ending = new AbortController();
  const lease = { valid: true, ended: ending.signal, isValid: () => lease.valid };
  const sink = new OwnedSink({ sink: writer, confirmed: confirmation.promise, lease });
  return { sink, writer, confirmation, ending, lease };
}

const message = (deviceUid: string) => [received({ deviceUid })];
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
const ids = [Buffer.alloc(16)];

test('nothing is written before the claim is confirmed, and what waits then goes first', async () => {
  const { sink, writer, confirmation } = newOwner();
  const first = sink.accept(message('d1'));
  await nextTurn();
  expect(writer.taken).toEqual([]);
  const later = confirmation.promise.then(() => sink.accept(message('d2')).catch((error: unknown) => error));
  confirmation.resolve();
  await nextTurn();
  for (const answer of writer.answers) answer.resolve(ids);
  await expect(first).resolves.toBe(ids);
  expect(writer.taken[0]).toBe('d1');
  // Whether it was taken behind the first one or refused: it did not overtake it.
  expect([ids, expect.objectContaining({ code: 'overloaded' })]).toContainEqual(await later);
});

test('while a call waits the next one is refused at once, so that none overtakes another', async () => {
  const { sink, writer, confirmation } = newOwner();
  const first = sink.accept(message('d1'));
  await expect(sink.accept(message('d2'))).rejects.toMatchObject({ code: 'overloaded' });
  confirmation.resolve();
  await nextTurn();
  const again = sink.accept(message('d2'));
  for (const answer of writer.answers) answer.resolve(ids);
  await Promise.all([first, again]);
  expect(writer.taken).toEqual(['d1', 'd2']);
});

test('what became durable after the lease was over has no receipt', async () => {
  const { sink, writer, confirmation, lease } = newOwner();
  confirmation.resolve();
  const accepted = sink.accept(message('d1'));
  await nextTurn();
  lease.valid = false;
  writer.answers[0]!.resolve(ids);
  await expect(accepted).rejects.toMatchObject({ code: 'lease_lost', retry: 'later' });
});

test('without a lease nothing is handed on, whether or not its end was told', async () => {
  const { sink, writer, confirmation, lease } = newOwner();
  const waiting = sink.accept(message('d1'));
  lease.valid = false;
  confirmation.resolve();
  await expect(waiting).rejects.toMatchObject({ code: 'lease_lost' });
  await expect(sink.accept(message('d2'))).rejects.toMatchObject({ code: 'lease_lost' });
  expect(writer.taken).toEqual([]);
});

test('the end of the lease refuses at once what waits and what is on its way, and leaves nothing behind', async () => {
  const { sink, writer, confirmation, ending } = newOwner();
  confirmation.resolve();
  await nextTurn();
  const onItsWay = [sink.accept(message('d1')), sink.accept(message('d2'))];
  await nextTurn();
  ending.abort(new Error('over'));
  for (const one of onItsWay) await expect(one).rejects.toMatchObject({ code: 'lease_lost' });
  expect(writer.taken).toEqual(['d1', 'd2']);
  expect(getEventListeners(ending.signal, 'abort')).toEqual([]);
  const other = newOwner();
  const waiting = other.sink.accept(message('d1'));
  const superseded = new MillraceError('lease_lost', 'Another owner has claimed the connection.');
  other.ending.abort(superseded);
  await expect(waiting).rejects.toBe(superseded);
  other.confirmation.resolve();
  await nextTurn();
  expect(other.writer.taken).toEqual([]);
});

test('a claim that cannot be confirmed says why to whoever waits for it', async () => {
  const { sink, confirmation } = newOwner();
  confirmation.reject(new MillraceError('stream_unavailable', 'Kafka is away.'));
  await nextTurn();
  await expect(sink.accept(message('d1'))).rejects.toMatchObject({ code: 'stream_unavailable' });
});

test('what the writer refuses is refused with its reason before the next turn', async () => {
  const { sink, writer, confirmation } = newOwner();
  confirmation.resolve();
  await nextTurn();
  const refused = sink.accept(message('d1')).then(
    () => 'accepted',
    (error: MillraceError) => error.code,
  );
  writer.answers[0]!.reject(new MillraceError('quota_exceeded', 'Wait.'));
  expect(await Promise.race([refused, nextTurn()])).toBe('quota_exceeded');
});
