import { describe, expect, test } from 'vitest';
import { entityKinds } from '../entities.ts';
import { errorsOf, products, read, tenants } from '../testing/written-folder.ts';

describe('a connection', () => {
  const plant = {
    'tenants.json': tenants,
    'products.json': products,
    'devices.json': [{ tenant: 'acme', deviceUid: 'press', productId: 'pump' }],
  };
  const press = {
    tenant: 'acme',
    connectionId: 'press',
    kind: 'modbus-tcp',
    url: 'modbus-tcp://10.0.0.5:502',
    deviceUid: 'press',
    registers: [
      { name: 'speed', address: 0, type: 'float32' },
      { name: 'running', table: 'coil', address: 7 },
    ],
  };

  test('to a machine has a register map, and the rest of a connection at its defaults', async () => {
    const { connections } = await read({ ...plant, 'connections.json': [press] });
    expect(connections).toMatchObject([
      {
        kind: 'modbus-tcp',
        deviceFrom: { kind: 'fixed', pattern: 'press' },
        subscriptions: [],
        modbus: {
          unitId: 1,
          intervalMs: 1000,
          registers: [
            { name: 'speed', table: 'holding', type: 'float32', byteOrder: 'ABCD', scale: 1, offset: 0 },
            { name: 'running', table: 'coil', type: 'bool' },
          ],
        },
      },
    ]);
  });

  const broker = {
    tenant: 'acme',
    connectionId: 'broker',
    kind: 'mqtt',
    url: 'wss://broker.example/mqtt',
    clientId: 'millrace-acme',
    subscriptions: [{ topicFilter: '$share/millrace/plant/+/up' }],
    deviceFrom: { kind: 'topic', pattern: 'plant/{deviceUid}/up' },
  };

  test('to a broker has a session that outlives it, and what else it does not say at its defaults', async () => {
    const { connections } = await read({ ...plant, 'connections.json': [broker] });
    expect(connections).toMatchObject([
      {
        ...broker,
        subscriptions: [{ topicFilter: '$share/millrace/plant/+/up', qos: 1 }],
        protocolVersion: 5,
        keepaliveSeconds: 30,
        username: null,
        password: null,
        token: null,
        tls: null,
        cleanStart: false,
        sessionExpirySeconds: 86_400,
        receiveMaximum: 2_000,
        will: null,
      },
    ]);
  });

  test('comes back in the form in which it was written, without its secrets', async () => {
    const will = { topic: 'plant/millrace', payload: 'gone', qos: 2, retain: true };
    const tls = { ca: '-----BEGIN CERTIFICATE-----', cert: '-----BEGIN CERTIFICATE-----', key: '-----BEGIN KEY-----' };
    const written = { ...broker, username: 'u', password: 'secret', token: 'secret', tls, will, receiveMaximum: 10 };
    const { connections } = await read({
      ...plant,
      'connections.json': [written, press, { ...meter, headers: { 'x-key': 'secret' } }],
    });
    const keeper = { hash: (secret: string) => secret, seal: (secret: string) => Buffer.from(secret) };
    const published = connections.map((one) => entityKinds.connections.publish(one, undefined, keeper));
    const forms = published.map((one) => entityKinds.connections.fileForm?.(one) ?? {});
    expect(JSON.stringify(forms)).not.toMatch(/secret|BEGIN KEY/);
    const again = await read({ ...plant, 'connections.json': forms });
    const { key: _, ...shownTls } = tls;
    expect(again.connections).toEqual([
      { ...connections[0], password: null, token: null, tls: { ...shownTls, key: null } },
      connections[1],
      { ...connections[2], headers: {} },
    ]);
    expect(published.map((one) => entityKinds.connections.shown?.of(one))).toEqual([
      { origin: 'folder', hasPassword: true, hasToken: true, hasKey: true, hasHeaders: false },
      { origin: 'folder', hasPassword: false, hasToken: false, hasKey: false, hasHeaders: false },
      { origin: 'folder', hasPassword: false, hasToken: false, hasKey: false, hasHeaders: true },
    ]);
  });

  const meter = {
    tenant: 'acme',
    connectionId: 'meter',
    kind: 'http-polling',
    url: 'http://10.0.0.7/values',
    deviceFrom: { kind: 'fixed', pattern: 'press' },
  };

  test('to a web server is JSON every ten seconds where it does not say', async () => {
    const { connections } = await read({ ...plant, 'connections.json': [meter] });
    expect(connections).toMatchObject([
      {
        ...meter,
        headers: {},
        http: { intervalMs: 10_000, timeoutMs: 10_000, format: 'json', rows: '', cursor: null },
        modbus: null,
        subscriptions: [],
      },
    ]);
  });

  test.each([
    [
      'of a device that there is not',
      { deviceFrom: { kind: 'fixed', pattern: 'absent' } },
      '.deviceFrom.pattern unknown_reference',
    ],
    ['with a topic', { deviceFrom: { kind: 'topic', pattern: 'a' } }, '.deviceFrom.kind invalid_union'],
    ['faster than machines answer', { intervalMs: 10 }, '.intervalMs too_small'],
    ['with rows nowhere', { rows: 'data' }, '.rows invalid_format'],
    ['with another form', { format: 'xml' }, '.format invalid_value'],
  ])('to a web server %s is refused', async (_, change, error) => {
    expect(await errorsOf({ ...plant, 'connections.json': [{ ...meter, ...change }] })).toEqual([
      `connections.json[0]${error}`,
    ]);
  });

  test.each([
    ['with a key that is no PEM text', { tls: { key: 'x' } }, '.tls.key invalid_format'],
    ['with a session that ends at once', { sessionExpirySeconds: 0 }, '.sessionExpirySeconds too_small'],
    ['with more unacknowledged than memory', { receiveMaximum: 65_535 }, '.receiveMaximum too_big'],
    ['with a will of nowhere', { will: { topic: '' } }, '.will.topic too_small'],
    ['with what no connection has', { will: { topic: 'a', delay: 1 } }, '.will unrecognized_keys'],
  ])('to a broker %s is refused', async (_, change, error) => {
    expect(await errorsOf({ ...plant, 'connections.json': [{ ...broker, ...change }] })).toEqual([
      `connections.json[0]${error}`,
    ]);
  });

  test.each([
    ['of a kind that there is not', { kind: 'pigeon' }, '.kind invalid_union'],
    ['to a machine with subscriptions', { subscriptions: [] }, ' unrecognized_keys'],
    ['without registers', { registers: [] }, '.registers too_small'],
    [
      'to an address that no table has',
      { registers: [{ name: 'x', address: 65_536 }] },
      '.registers[0].address too_big',
    ],
    ['of a device that there is not', { deviceUid: 'absent' }, '.deviceUid unknown_reference'],
  ])('%s is refused', async (_, change, error) => {
    expect(await errorsOf({ ...plant, 'connections.json': [{ ...press, ...change }] })).toEqual([
      `connections.json[0]${error}`,
    ]);
  });
});
