import { MillraceError } from '@millrace/contracts';
import { describe, expect, test } from 'vitest';
import { openSession } from '../testing/open-session.ts';
import { soon } from '../testing/soon.ts';

describe.each([4, 5] as const)('a connection of MQTT version %i', (protocolVersion) => {
  test('messages of one read are one call of the sink', async () => {
    const { broker, ports, session } = await openSession(protocolVersion);
    const first = await broker.connection(1);
    first.accept(false);
    first.publish(...Array.from({ length: 100 }, (_, index) => ({ id: index + 1, text: `${index}` })));
    await soon(() => expect(ports.sink.taken).toHaveLength(100));
    expect(ports.sink.held).toHaveLength(1);
    expect(session.state).toMatchObject({ received: 100, acknowledged: 0, unacknowledged: 100 });
  });

  test('receipts come in order of receipt whatever becomes durable first', async () => {
    const { broker, ports, session } = await openSession(protocolVersion);
    const first = await broker.connection(1);
    first.accept(false);
    for (const [index, text] of ['a', 'b', 'c'].entries()) {
      first.publish({ id: 10 + index, text });
      await soon(() => expect(ports.sink.held).toHaveLength(index + 1));
    }
    const [a, b, c] = ports.sink.held;
    c?.settle();
    b?.settle();
    first.publish({ id: 20, text: 'd' });
    await soon(() => expect(ports.sink.held).toHaveLength(4));
    expect(first.ids('puback')).toEqual([]);
    a?.settle();
    await soon(() => expect(first.ids('puback')).toEqual([10, 11, 12]));
    expect(session.state).toMatchObject({ acknowledged: 3, unacknowledged: 1 });
  });

  test('a receipt that becomes due after the connection was lost is never written on the next one', async () => {
    const { broker, ports } = await openSession(protocolVersion);
    const first = await broker.connection(1);
    first.accept(false);
    first.publish({ id: 1, text: 'a' });
    await soon(() => expect(ports.sink.held).toHaveLength(1));
    first.cut();
    const second = await broker.connection(2);
    second.accept(false);
    second.publish({ id: 1, text: 'another message under the same id' }, { id: 2, text: 'c' });
    await soon(() => expect(ports.sink.held).toHaveLength(2));
    ports.sink.held[0]?.settle();
    await soon(() => expect(ports.counts['out']).toBe(1));
    ports.sink.release();
    await soon(() => expect(second.ids('puback')).toEqual([1, 2]));
  });

  test('QoS 2: PUBREC when durable, a repeat of it goes to the sink only when the session was lost', async () => {
    const { broker, ports } = await openSession(protocolVersion);
    const first = await broker.connection(1);
    first.accept(false);
    first.send({ cmd: 'suback', messageId: 1, granted: [2] });
    first.publish({ id: 5, text: 'a', qos: 2 });
    await soon(() => expect(ports.sink.held).toHaveLength(1));
    expect(first.ids('pubrec')).toEqual([]);
    ports.sink.release();
    await soon(() => expect(first.ids('pubrec')).toEqual([5]));
    first.cut();
    const second = await broker.connection(2);
    second.accept(true);
    second.publish({ id: 5, text: 'a', qos: 2, dup: true });
    await soon(() => expect(second.ids('pubrec')).toEqual([5]));
    expect(ports.counts['repeated']).toBe(1);
    second.cut();
    const third = await broker.connection(3);
    third.accept(false);
    third.publish({ id: 5, text: 'b', qos: 2 });
    await soon(() => expect(ports.sink.payloads).toEqual(['a', 'b']));
    ports.sink.release();
    await soon(() => expect(third.ids('pubrec')).toEqual([5]));
    third.send({ cmd: 'pubrel', messageId: 5 });
    await soon(() => expect(third.ids('pubcomp')).toEqual([5]));
    third.publish({ id: 5, text: 'c', qos: 2 });
    await soon(() => expect(ports.sink.payloads).toEqual(['a', 'b', 'c']));
  });

  test('an unknown sender is acknowledged after its dead letter is durable, with its neighbours', async () => {
    const { broker, ports } = await openSession(protocolVersion);
    const kept = Promise.withResolvers<void>();
    ports.rejectedMessages.keep = () => kept.promise;
    ports.sink.open = true;
    const first = await broker.connection(1);
    first.accept(false);
    const message = { cmd: 'publish', payload: Buffer.from('x'), qos: 1, dup: false, retain: false } as const;
    first.send(
      { ...message, topic: 'plant/nobody/up', messageId: 1 },
      { ...message, topic: 'plant/d1/up', messageId: 2 },
    );
    await soon(() => expect(ports.sink.taken).toHaveLength(1));
    expect(first.ids('puback')).toEqual([]);
    kept.resolve();
    await soon(() => expect(first.ids('puback')).toEqual([1, 2]));
    expect(ports.counts).toMatchObject({ in: 2, out: 1, unknown_sender: 1 });
  });

  test('when the sink fails the connection is given up without receipt, so that the broker sends again', async () => {
    const { broker, ports } = await openSession(protocolVersion);
    const first = await broker.connection(1);
    first.accept(false);
    first.publish({ id: 1, text: 'a' });
    await soon(() => expect(ports.sink.held).toHaveLength(1));
    ports.sink.held.splice(0)[0]?.settle(new Error('Kafka is gone.'));
    const second = await broker.connection(2);
    expect(first.ids('puback')).toEqual([]);
    second.accept(true);
    second.publish({ id: 1, text: 'a', dup: true });
    await soon(() => expect(ports.sink.taken.map(({ repeated }) => repeated)).toEqual([false, true]));
  });

  test('at twice the receive maximum nothing more is read, whatever the broker sends', async () => {
    const { broker, ports, session } = await openSession(protocolVersion, { receiveMaximum: 2 });
    const first = await broker.connection(1);
    first.accept(false);
    first.publish(...[1, 2, 3, 4].map((id) => ({ id, text: `${id}` })));
    await soon(() => expect(ports.happened.map(([name]) => name)).toContain('paused'));
    first.publish({ id: 5, text: '5' });
    expect(session.state.unacknowledged).toBe(4);
    ports.sink.open = true;
    await soon(() => expect(ports.sink.held.length).toBeGreaterThan(0));
    ports.sink.release();
    await soon(() => expect(first.ids('puback')).toEqual([1, 2, 3, 4, 5]));
  });

  test('while the sink is overloaded nothing is read; afterwards everything comes in order', async () => {
    const { broker, ports, session } = await openSession(protocolVersion);
    ports.sink.overloaded = true;
    const first = await broker.connection(1);
    first.accept(false);
    first.publish({ id: 1, text: 'a' });
    await soon(() => expect(ports.happened.map(([name]) => name)).toContain('paused'));
    first.publish({ id: 2, text: 'b' });
    expect(session.state.received).toBe(1);
    ports.sink.overloaded = false;
    ports.sink.open = true;
    await soon(() => expect(first.ids('puback')).toEqual([1, 2]));
    expect(ports.sink.payloads).toEqual(['a', 'b']);
  });

  test('while the tenant has to wait for its quota nothing is read or given up; then everything is acknowledged in order', async () => {
    const { broker, ports, session } = await openSession(protocolVersion);
    const quota = { name: 'messagesPerSecond', limit: 10, retryAfterSeconds: 1 } as const;
    ports.sink.refusal = new MillraceError('quota_exceeded', 'Wait.', { quota });
    const first = await broker.connection(1);
    first.accept(false);
    first.publish({ id: 1, text: 'a' });
    await soon(() => expect(ports.happened.map(([name]) => name)).toContain('paused'));
    first.publish({ id: 2, text: 'b' });
    expect(session.state).toMatchObject({ phase: 'connected', received: 1, acknowledged: 0, unacknowledged: 1 });
    ports.sink.refusal = undefined;
    ports.sink.open = true;
    await soon(() => expect(first.ids('puback')).toEqual([1, 2]));
    expect(ports.sink.payloads).toEqual(['a', 'b']);
    expect(ports.counts).toEqual({ in: 2, repeated: 0, out: 2 });
    expect(ports.happened.map(([name]) => name)).not.toContain('lost');
  });

  test('closing takes no more, waits for what was taken, acknowledges it and says goodbye', async () => {
    const { broker, ports, session } = await openSession(protocolVersion);
    const first = await broker.connection(1);
    first.accept(false);
    first.publish({ id: 1, text: 'a' });
    await soon(() => expect(ports.sink.held).toHaveLength(1));
    const closed = session.close(new AbortController().signal);
    first.publish({ id: 2, text: 'b' });
    ports.sink.release();
    await closed;
    await soon(() => expect(first.closed).toBe(true));
    expect(first.ids('puback')).toEqual([1]);
    expect(first.received('disconnect')).toHaveLength(1);
    expect(ports.sink.payloads).toEqual(['a']);
    expect(session.state.phase).toBe('closed');
  });

  test('closing with an aborted signal leaves at once, without receipts', async () => {
    const { broker, ports, session } = await openSession(protocolVersion);
    const first = await broker.connection(1);
    first.accept(false);
    first.publish({ id: 1, text: 'a' });
    await soon(() => expect(ports.sink.held).toHaveLength(1));
    await session.close(AbortSignal.abort());
    await soon(() => expect(first.closed).toBe(true));
    expect(first.ids('puback')).toEqual([]);
  });
});
