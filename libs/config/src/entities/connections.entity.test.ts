import { describe, expect, test } from 'vitest';
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
