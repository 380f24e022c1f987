import { Configuration, entityKinds } from '@millrace/config';
import type { DeviceConfig } from '@millrace/contracts';
import { expect, test } from 'vitest';
import { DeviceSelection } from './device-selection.ts';
import { deviceOf, statisticOf } from './testing/statistics.ts';

const configuration = new Configuration();
const apply = (device: DeviceConfig): void => configuration.apply('devices', entityKinds.devices.keyOf(device), device);
for (const device of [
  deviceOf('a'),
  deviceOf('b', { state: 'disabled' }),
  deviceOf('c', { productId: 'pump' }),
  deviceOf('d', { tenant: 'other' }),
])
  apply(device);
const selection = new DeviceSelection(configuration);
const uidsOf = (rest: Parameters<typeof statisticOf>[0]): string[] =>
  selection.devicesOf(statisticOf(rest)).map(({ deviceUid }) => deviceUid);

test('a product means its active devices in the tenant', () => {
  expect(uidsOf({ productId: 'oven' })).toEqual(['a']);
  expect(uidsOf({ productId: 'absent' })).toEqual([]);
});

test('devices that are named count in any state, those that are gone do not', () => {
  expect(uidsOf({ productId: null, deviceUids: ['c', 'b', 'd', 'absent'] })).toEqual(['c', 'b']);
});

test('a device that is added later is found', () => {
  apply(deviceOf('e'));
  expect(uidsOf({ productId: 'oven' })).toEqual(['a', 'e']);
});
