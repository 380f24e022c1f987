import { describe, expect, test } from 'vitest';
import { openSession } from '../testing/open-session.ts';
import { soon } from '../testing/soon.ts';

describe.each([4, 5] as const)('a session of MQTT version %i', (protocolVersion) => {
  test('asks for a persistent session, subscribes, and is connected', async () => {
    const { broker, session } = await openSession(protocolVersion);
    const first = await broker.connection(1);
    expect(first.received('connect')).toMatchObject([
      { clean: false, clientId: 'millrace-test', username: 'user', password: Buffer.from('secret'), keepalive: 60 },
    ]);
    first.accept(false);
    await soon(() => expect(first.received('subscribe')).toHaveLength(1));
    expect(first.received('subscribe')[0]?.subscriptions).toMatchObject([{ topic: 'plant/+/up', qos: 1 }]);
    expect(session.state).toMatchObject({ phase: 'connected', lastError: null });
  });

  test('a clean session is begun anew at every connection, and ends with it', async () => {
    const { broker } = await openSession(protocolVersion, { cleanStart: true });
    for (const number of [1, 2]) {
      const connection = await broker.connection(number);
      const [connect] = connection.received('connect');
      expect(connect).toMatchObject({ clean: true });
      expect(connect?.properties?.sessionExpiryInterval).toBeUndefined();
      // Whatever the broker says of a session: nobody relies on it.
      connection.accept(true);
      await soon(() => expect(connection.received('subscribe')).toHaveLength(1));
      connection.send({ cmd: 'suback', messageId: 1, granted: [1] });
      connection.cut();
    }
  });

  test('tells the broker its will, its token, and in MQTT 5 how long to wait and how much to send', async () => {
    const will = { topic: 'plant/millrace', payload: 'gone', qos: 2, retain: true };
    const own = { will, password: null, token: 'a.b.c', receiveMaximum: 7, sessionExpirySeconds: 60 };
    const { broker } = await openSession(protocolVersion, own);
    const [connect] = (await broker.connection(1)).received('connect');
    expect(connect).toMatchObject({
      will: { ...will, payload: Buffer.from('gone') },
      username: 'user',
      password: Buffer.from('a.b.c'),
    });
    if (protocolVersion === 5) expect(connect?.properties).toEqual({ sessionExpiryInterval: 60, receiveMaximum: 7 });
  });

  test('a broker that speaks before it has accepted the connection is not listened to', async () => {
    const { broker, ports, session } = await openSession(protocolVersion);
    const first = await broker.connection(1);
    first.publish({ id: 1, text: 'a' });
    await soon(() => expect(session.state.lastError?.detail).toContain('before CONNACK'));
    expect(ports.counts).toEqual({});
  });

  test('subscribes again only where the broker has forgotten the session', async () => {
    const { broker, ports } = await openSession(protocolVersion);
    const first = await broker.connection(1);
    first.accept(false);
    await soon(() => expect(first.received('subscribe')).toHaveLength(1));
    first.send({ cmd: 'suback', messageId: 1, granted: [1] });
    first.publish({ id: 1, text: 'a' });
    await soon(() => expect(ports.sink.payloads).toEqual(['a']));
    first.cut();
    const second = await broker.connection(2);
    second.accept(true);
    second.publish({ id: 2, text: 'b' });
    await soon(() => expect(ports.sink.payloads).toEqual(['a', 'b']));
    expect(second.received('subscribe')).toEqual([]);
    second.cut();
    const third = await broker.connection(3);
    third.accept(false);
    await soon(() => expect(third.received('subscribe')).toHaveLength(1));
  });

  test('a refused subscription is told, and asked for again on the next connection', async () => {
    const { broker, ports } = await openSession(protocolVersion);
    const first = await broker.connection(1);
    first.accept(false);
    first.send({ cmd: 'suback', messageId: 1, granted: [0x80] });
    await soon(() =>
      expect(ports.happened).toContainEqual([
        'subscriptionRefused',
        expect.objectContaining({ topicFilter: 'plant/+/up' }),
      ]),
    );
    first.cut();
    const second = await broker.connection(2);
    second.accept(true);
    await soon(() => expect(second.received('subscribe')).toHaveLength(1));
  });

  test('closing while nobody answers ends the waiting', async () => {
    const { broker, session } = await openSession(protocolVersion);
    await broker.connection(1);
    await session.close(new AbortController().signal);
    expect(session.state.phase).toBe('closed');
  });

  test('a refusal for good is told with its reason and does not storm the broker', async () => {
    const { broker, ports, session } = await openSession(protocolVersion);
    const first = await broker.connection(1);
    first.accept(false, protocolVersion === 5 ? { reasonCode: 0x86 } : { returnCode: 4 });
    await soon(() => expect(session.state.phase).toBe('refused'));
    expect(session.state.lastError).toMatchObject({
      code: 'broker_refused',
      detail: expect.stringContaining('password'),
    });
    expect(ports.happened).toMatchObject([['lost', { code: 'broker_refused', retryInMs: 60_000 }]]);
  });

  test('a broker that is only busy is asked again soon', async () => {
    const { broker, session } = await openSession(protocolVersion);
    const first = await broker.connection(1);
    first.accept(false, protocolVersion === 5 ? { reasonCode: 0x89 } : { returnCode: 3 });
    (await broker.connection(2)).accept(false);
    await soon(() => expect(session.state.phase).toBe('connected'));
  });

  test.runIf(protocolVersion === 5)('a session that was taken over is told, and left to who owns it', async () => {
    const { broker, ports, session } = await openSession(protocolVersion);
    const first = await broker.connection(1);
    first.accept(false);
    await soon(() => expect(session.state.phase).toBe('connected'));
    ports.mayConnect = () => false;
    first.send({ cmd: 'disconnect', reasonCode: 0x8e });
    await soon(() => expect(session.state.lastError?.code).toBe('lease_lost'));
    expect(ports.happened.at(-1)).toMatchObject(['lost', { code: 'session_taken_over', retryInMs: 400 }]);
    expect(broker.connections).toHaveLength(1);
  });

  test('owners that take the session from each other by closing slow down, until one holds it for ten seconds', async () => {
    const { broker, ports, session } = await openSession(protocolVersion);
    const delaysMs = () => ports.happened.flatMap(([, fields]) => ('retryInMs' in fields ? [fields.retryInMs] : []));
    for (const number of [1, 2, 3]) {
      const taken = await broker.connection(number);
      taken.accept(true);
      await soon(() => expect(session.state.phase).toBe('connected'));
      taken.cut();
      await soon(() => expect(delaysMs()).toHaveLength(number));
    }
    expect(delaysMs()).toEqual([400, 800, 1600]);
    const held = await broker.connection(4);
    held.accept(true);
    await soon(() => {
      expect(session.state.phase).toBe('connected');
      expect(ports.clock.nowMs() - session.state.sinceMs).toBeGreaterThan(10_000);
    });
    held.cut();
    await soon(() => expect(delaysMs()).toEqual([400, 800, 1600, 400]));
  });

  test('bytes that are not MQTT end the connection, and the next one begins anew', async () => {
    const { broker, session } = await openSession(protocolVersion);
    const first = await broker.connection(1);
    first.accept(false);
    first.sendBytes(Buffer.from('f1', 'hex'));
    first.sendBytes(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await soon(() => expect(session.state.lastError?.code).toBe('broker_unavailable'));
    (await broker.connection(2)).accept(false);
    await soon(() => expect(session.state.phase).toBe('connected'));
  });

  test('a quiet connection is kept open by PINGREQ, and one that does not answer is given up', async () => {
    const { broker, session } = await openSession(protocolVersion, { keepaliveSeconds: 5 });
    const first = await broker.connection(1);
    first.accept(false);
    await soon(() => expect(first.received('pingreq').length).toBeGreaterThan(1));
    expect(session.state.phase).toBe('connected');
    first.mute = true;
    await broker.connection(2);
    expect(session.state.lastError?.detail).toContain('keep-alive');
  });

  test.runIf(protocolVersion === 5)('the broker may shorten the keep-alive time', async () => {
    const { broker } = await openSession(protocolVersion, { keepaliveSeconds: 0 });
    const first = await broker.connection(1);
    first.accept(false, { properties: { serverKeepAlive: 5 } });
    await soon(() => expect(first.received('pingreq').length).toBe(1));
  });
});
