import { readdirSync } from 'node:fs';
import { MillraceError } from '@millrace/contracts';
import { expect, test } from 'vitest';
import type { Connection } from './connector.ts';
import { checkConnection, connectorKinds } from './registry.ts';
import { machineConnection, register } from './testing/modbus-connection.ts';

const connection: Connection = {
  tenant: 'acme',
  connectionId: 'broker',
  kind: 'mqtt',
  url: 'mqtts://broker.example:8883',
  clientId: 'millrace-acme',
  protocolVersion: 5,
  keepaliveSeconds: 30,
  username: 'millrace',
  password: 'secret',
  subscriptions: [{ topicFilter: 'plant/+/up', qos: 1 }],
  deviceFrom: { kind: 'topic', pattern: 'plant/{deviceUid}/up' },
  tls: null,
  modbus: null,
};

test('every connector file is in the registry under its name', () => {
  const files = readdirSync(new URL('.', import.meta.url)).filter((file) => file.endsWith('.connector.ts'));
  expect(files.map((file) => file.replace('.connector.ts', ''))).toEqual(connectorKinds);
});

test('a right connection is accepted', () => {
  expect(checkConnection(connection)).toBeTypeOf('function');
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
  ['/tls/ca', { tls: { ca: 'x', cert: null, key: null } }],
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
