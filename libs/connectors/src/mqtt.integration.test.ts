/** The MQTT connector against a real Mosquitto, seen on the wire. */
import { randomUUID } from 'node:crypto';
import { testAddresses } from '@millrace/testkit';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { checkConnection } from './registry.ts';
import { fakePorts } from './testing/fake-ports.ts';
import { mqttConnection } from './testing/mqtt-connection.ts';
import { WireTap } from './testing/wire-tap.ts';

const patient = { timeout: 15_000, interval: 20 };

describe.each([4, 5] as const)('MQTT version %i with Mosquitto', (protocolVersion) => {
  let publisher: MqttClient;

  beforeAll(async () => {
    publisher = await connectAsync(testAddresses.mqtt);
  });

  afterAll(async () => {
    await publisher.endAsync();
  });

  async function opened(options: { qos?: 0 | 1 | 2; keepaliveSeconds?: number } = {}) {
    const { qos = 1, keepaliveSeconds = 30 } = options;
    const tap = await WireTap.start(testAddresses.mqtt, protocolVersion);
    const ports = fakePorts();
    const ending = new AbortController();
    const root = `test-${randomUUID()}`;
    const connection = mqttConnection({
      url: tap.url,
      clientId: root,
      protocolVersion,
      keepaliveSeconds,
      subscriptions: [{ topicFilter: `${root}/+/up`, qos }],
      deviceFrom: { kind: 'topic', pattern: `${root}/{deviceUid}/up` },
    });
    const session = checkConnection(connection).open(ports, ending.signal);
    onTestFinished(async () => {
      ending.abort();
      await tap.stop();
      const cleaner = await connectAsync(testAddresses.mqtt, { clientId: root, clean: true });
      await cleaner.endAsync();
    });
    await vi.waitFor(() => expect(tap.seen('suback')).toHaveLength(1), patient);
    const publish = (from: number, count: number) =>
      Promise.all(
        Array.from({ length: count }, (_, index) =>
          publisher.publishAsync(`${root}/d1/up`, `${from + index}`, { qos: qos === 0 ? 1 : qos }),
        ),
      );
    return { tap, ports, session, publish };
  }

  const numbers = (from: number, count: number) => Array.from({ length: count }, (_, index) => `${from + index}`);

  test('1,500 messages wait unacknowledged at once, then all are acknowledged in order', async () => {
    const { tap, ports, session, publish } = await opened();
    await publish(0, 1500);
    await vi.waitFor(() => expect(session.state.unacknowledged).toBe(1500), patient);
    expect(tap.seen('publish')).toHaveLength(1500);
    expect(tap.seen('puback')).toEqual([]);
    await vi.waitFor(() => expect(ports.sink.taken).toHaveLength(1500), patient);
    for (const held of ports.sink.held.splice(0).toReversed()) held.settle();
    await vi.waitFor(() => expect(tap.seen('puback')).toHaveLength(1500), patient);
    const idsOf = (cmd: 'publish' | 'puback') => tap.seen(cmd).map(({ messageId }) => messageId);
    expect(idsOf('puback')).toEqual(idsOf('publish'));
    expect(ports.sink.payloads).toEqual(numbers(0, 1500));
  });

  test('what was not durable when the connection broke comes again, and nothing that was', async () => {
    const { tap, ports, publish } = await opened();
    await publish(0, 100);
    await vi.waitFor(() => expect(ports.sink.taken).toHaveLength(100), patient);
    ports.sink.release();
    await vi.waitFor(() => expect(tap.seen('puback')).toHaveLength(100), patient);
    await publish(100, 100);
    await vi.waitFor(() => expect(ports.sink.taken).toHaveLength(200), patient);
    tap.cut();
    await vi.waitFor(() => expect(ports.sink.taken).toHaveLength(300), patient);
    expect(ports.sink.payloads.slice(200)).toEqual(numbers(100, 100));
    expect(ports.sink.taken.slice(200).every(({ repeated }) => repeated)).toBe(true);
    expect(tap.seen('puback')).toHaveLength(100);
    ports.sink.release();
    await vi.waitFor(() => expect(tap.seen('puback', 2)).toHaveLength(100), patient);
    expect(tap.seen('connack').map(({ sessionPresent }) => sessionPresent)).toEqual([false, true]);
  });

  test('messages that came while nobody was connected are delivered afterwards', async () => {
    const { tap, ports, publish } = await opened();
    ports.sink.open = true;
    tap.cut();
    await publish(0, 50);
    await vi.waitFor(() => expect(ports.sink.payloads).toEqual(numbers(0, 50)), patient);
  });

  test('a stall of twice the keep-alive time breaks no connection, with reading paused', async () => {
    const { tap, ports, session, publish } = await opened({ keepaliveSeconds: 2 });
    await publish(0, 10);
    await vi.waitFor(() => expect(ports.sink.taken).toHaveLength(10), patient);
    ports.sink.overloaded = true;
    await publish(10, 10);
    await vi.waitFor(() => expect(ports.happened.map(([name]) => name)).toContain('paused'), patient);
    await vi.waitFor(() => expect(tap.seen('pingreq').length).toBeGreaterThanOrEqual(4), patient);
    expect(tap.seen('puback')).toEqual([]);
    ports.sink.overloaded = false;
    ports.sink.open = true;
    ports.sink.release();
    await vi.waitFor(() => expect(tap.seen('puback')).toHaveLength(20), patient);
    expect(tap.seen('connect')).toHaveLength(1);
    expect(session.state).toMatchObject({ phase: 'connected', lastError: null });
    expect(ports.sink.payloads).toEqual(numbers(0, 20));
  });

  test('QoS 2 messages come once, although the connection breaks after their PUBREC', async () => {
    const { tap, ports, publish } = await opened({ qos: 2 });
    ports.sink.open = true;
    await publish(0, 100);
    await vi.waitFor(() => expect(tap.seen('pubrec', 1)).toHaveLength(100), patient);
    tap.cut();
    await publish(100, 100);
    await vi.waitFor(() => expect(tap.seen('pubcomp', 2).length).toBeGreaterThanOrEqual(100), patient);
    expect(ports.sink.payloads).toEqual(numbers(0, 200));
  });

  test('QoS 0 messages are taken without a receipt', async () => {
    const { tap, ports, session, publish } = await opened({ qos: 0 });
    ports.sink.open = true;
    await publish(0, 10);
    await vi.waitFor(() => expect(ports.sink.payloads).toEqual(numbers(0, 10)), patient);
    await vi.waitFor(() => expect(session.state).toMatchObject({ acknowledged: 10, unacknowledged: 0 }), patient);
    expect(tap.seen('puback')).toEqual([]);
  });

  test('closing acknowledges what became durable, and the rest of the stream waits at the broker', async () => {
    const { tap, ports, session, publish } = await opened();
    await publish(0, 10);
    await vi.waitFor(() => expect(ports.sink.taken).toHaveLength(10), patient);
    const closed = session.close(new AbortController().signal);
    ports.sink.release();
    await closed;
    expect(tap.seen('puback')).toHaveLength(10);
    expect(tap.seen('disconnect')).toHaveLength(1);
  });
});
