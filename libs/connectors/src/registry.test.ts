import { readdirSync } from 'node:fs';
import { type HttpPolling, MillraceError } from '@millrace/contracts';
import { testAuthority } from '@millrace/testkit/certificates';
import { expect, test } from 'vitest';
import type { Connection } from './connector.ts';
import { checkConnection, connectorKinds } from './registry.ts';
import { mqttConnection } from './testing/mqtt-connection.ts';
import { webConnection } from './testing/web-machine.ts';
import { machineConnection, register } from './testing/modbus-connection.ts';

const authority = await testAuthority('CN=Test authority');
const { certificate: cert, key } = await authority.issue({ subject: 'CN=millrace' });
const { key: otherKey } = await authority.issue({ subject: 'CN=other' });

const connection = mqttConnection({
  url: 'mqtts://broker.example:8883',
  username: 'millrace',
  password: 'secret',
});

test('every connector file is in the registry under its name', () => {
  const files = readdirSync(new URL('.', import.meta.url)).filter((file) => file.endsWith('.connector.ts'));
  expect(files.map((file) => file.replace('.connector.ts', ''))).toEqual(connectorKinds);
});

test('a right connection is accepted', () => {
  expect(checkConnection(connection).isShared).toBe(false);
});

test('an owner of a shared subscription cannot be kept from having an effect, any other one can', () => {
  const shared = { topicFilter: '$share/millrace/plant/+/up', qos: 1 };
  expect(checkConnection({ ...connection, subscriptions: [...connection.subscriptions, shared] }).isShared).toBe(true);
  const machine = machineConnection({ url: 'modbus-tcp://10.0.0.5', registers: [register('a', 0)] });
  expect(checkConnection(machine).isShared).toBe(false);
});

test.each<[string, object]>([
  ['/kind', { kind: 'pigeon' }],
  ['/kind', { kind: 'constructor' }],
  ['/url', { url: 'broker' }],
  ['/url', { url: 'http://broker' }],
  ['/url', { url: 'mqtt://user:password@broker' }],
  ['/clientId', { clientId: '' }],
  ['/protocolVersion', { protocolVersion: 3 }],
  ['/keepaliveSeconds', { keepaliveSeconds: 65_536 }],
  ['/username', { protocolVersion: 4, username: null }],
  ['/subscriptions', { subscriptions: [] }],
  ['/subscriptions/0/qos', { subscriptions: [{ topicFilter: 'a', qos: 3 }] }],
  ['/subscriptions/0/topicFilter', { subscriptions: [{ topicFilter: 'a/#/b', qos: 1 }] }],
  ['/deviceFrom/pattern', { deviceFrom: { kind: 'topic', pattern: 'plant/up' } }],
  ['/deviceFrom/pattern', { deviceFrom: { kind: 'payload', pattern: 'serial' } }],
  ['/deviceFrom/kind', { deviceFrom: { kind: 'guess', pattern: 'x' } }],
  ['/subscriptions/0/topicFilter', { protocolVersion: 4, subscriptions: [{ topicFilter: '$share/g/a', qos: 1 }] }],
  ['/token', { token: 'a' }],
  ['/token', { password: null, token: '' }],
  ['/username', { protocolVersion: 4, username: null, password: null, token: 'a' }],
  ['/tls', { url: 'mqtt://broker', tls: { ca: null, cert: null, key: null } }],
  ['/tls', { url: 'ws://broker', tls: { ca: null, cert: null, key: null } }],
  ['/tls/ca', { tls: { ca: 'x', cert: null, key: null } }],
  ['/tls/ca', { tls: { ca: key, cert: null, key: null } }],
  ['/tls/key', { tls: { ca: null, cert, key: null } }],
  ['/tls/key', { tls: { ca: null, cert, key: 'secret' } }],
  ['/tls/key', { tls: { ca: null, cert, key: otherKey } }],
  ['/tls/cert', { tls: { ca: null, cert: null, key } }],
  ['/cleanStart', { cleanStart: 'yes' }],
  ['/sessionExpirySeconds', { sessionExpirySeconds: 0 }],
  ['/sessionExpirySeconds', { sessionExpirySeconds: 2 ** 32 }],
  ['/receiveMaximum', { receiveMaximum: 0 }],
  ['/receiveMaximum', { receiveMaximum: 65_535 }],
  ['/will/topic', { will: { topic: 'a/+', payload: '', qos: 1, retain: false } }],
  ['/will/topic', { will: { topic: '', payload: '', qos: 1, retain: false } }],
  ['/will/payload', { will: { topic: 'a', payload: 'ä'.repeat(32_768), qos: 1, retain: false } }],
  ['/will/qos', { will: { topic: 'a', payload: '', qos: 3, retain: false } }],
  ['/will/retain', { will: { topic: 'a', payload: '', qos: 1 } }],
])('a wrong %s is refused by its name: %o', (field, change) => {
  const thrown = errorOf(() => checkConnection({ ...connection, ...change }));
  expect(thrown.code).toBe('configuration_invalid');
  expect(thrown.errors.map((error) => error.field)).toContain(field);
});

test.each<[string, object]>([
  ['/url', { url: 'modbus-tcp://' }],
  ['/deviceFrom/kind', { deviceFrom: { kind: 'topic', pattern: 'x' } }],
  ['/modbus', { modbus: null }],
  ['/modbus/registers', { registers: [] }],
  ['/modbus/registers/0/table', { registers: [register('a', 0, { table: 'relay' })] }],
  ['/modbus/registers/0/type', { registers: [register('a', 0, { table: 'coil' })] }],
  ['/modbus/registers/0/scale', { registers: [register('a', 0, { type: 'string', scale: 2 })] }],
  ['/modbus/registers/0/address', { registers: [register('a', 65_535, { type: 'uint32' })] }],
  ['/modbus/registers/1/name', { registers: [register('a', 0), register('a', 1)] }],
])('a wrong %s of a machine is refused by its name: %o', (field, { registers, ...change }: { registers?: [] }) => {
  const machine = machineConnection({ url: 'modbus-tcp://10.0.0.5', registers: registers ?? [register('a', 0)] });
  const thrown = errorOf(() => checkConnection({ ...machine, ...change }));
  expect(thrown.errors.map((error) => error.field)).toContain(field);
});

test.each<[string, Partial<HttpPolling>, Partial<Connection>]>([
  ['/url', {}, { url: 'ftp://meter' }],
  ['/url', {}, { url: 'http://user:password@meter' }],
  ['/token', {}, { username: 'u', password: 'p', token: 't' }],
  ['/username', {}, { password: 'p' }],
  ['/tls', {}, { tls: { ca: cert, cert: null, key: null } }],
  ['/http', {}, { http: null }],
  ['/headers/Host', {}, { headers: { Host: 'a' } }],
  ['/headers/a b', {}, { headers: { 'a b': 'c' } }],
  ['/headers/x', {}, { headers: { x: 'a\nb: c' } }],
  ['/headers', {}, { headers: { Authorization: 'x' }, token: 't' }],
  ['/http/rows', { rows: 'rows' }, {}],
  ['/http/timeFrom', { timeFrom: 'time' }, {}],
  ['/http/timeFrom', { cursor: '/counter' }, {}],
  ['/http/cursor', { timeFrom: '/time', cursor: 'counter' }, {}],
  ['/http/delimiter', { format: 'csv', delimiter: '"' }, {}],
  ['/deviceFrom/kind', {}, { deviceFrom: { kind: 'column', pattern: 'serial' } }],
  ['/deviceFrom/kind', { format: 'csv' }, { deviceFrom: { kind: 'payload', pattern: '/serial' } }],
  ['/deviceFrom/pattern', {}, { deviceFrom: { kind: 'payload', pattern: 'serial' } }],
])('a wrong %s of a web server is refused by its name: %o %o', (field, http, rest) => {
  const thrown = errorOf(() => checkConnection(webConnection('http://10.0.0.5/values', http, rest)));
  expect(thrown.errors.map((error) => error.field)).toContain(field);
});

test('an unknown field is refused, and no message repeats the password', () => {
  const thrown = errorOf(() => checkConnection({ ...connection, qos: 1 } as Connection));
  expect(thrown.message).toContain('qos');
  expect(JSON.stringify([thrown.message, thrown.errors])).not.toContain('secret');
});

function errorOf(action: () => unknown): MillraceError {
  try {
    action();
  } catch (error) {
    if (error instanceof MillraceError) return error;
  }
  throw new Error('It should have thrown a MillraceError.');
}
