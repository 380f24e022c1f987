import { Configuration } from '@millrace/config';
import { deviceKey } from '@millrace/contracts';
import { plainOrigin } from '@millrace/sandbox';
import { anyDevice } from '@millrace/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { partsOf } from './message-parts.ts';

/** Behind the gateway `g`: `b1`, `b2`, and `off`, which is disabled; `other` is behind another gateway, and `top` behind none. */
const configuration = new Configuration();
for (const [tenant, deviceUid, gatewayUid, state] of [
  ['acme', 'g', null, 'active'],
  ['acme', 'b1', 'g', 'active'],
  ['acme', 'b2', 'g', 'active'],
  ['acme', 'off', 'g', 'disabled'],
  ['acme', 'other', 'h', 'active'],
  ['acme', 'top', null, 'active'],
  ['umbrella', 'foreign', 'g', 'active'],
] as const) {
  const device = anyDevice(tenant, deviceUid, { gatewayUid, state, identificationCode: `SN-${deviceUid}` });
  configuration.apply('devices', deviceKey(tenant, deviceUid), device);
}

const gateway = { tenant: 'acme', deviceUid: 'g', identificationCode: null };
const row = (value: number, of: string | null) => ({
  ...plainOrigin,
  name: 't',
  value,
  identificationCode: of && `SN-${of}`,
});

/** Values by device, in order. */
function valuesOf(...rows: readonly ReturnType<typeof row>[]) {
  const parts = partsOf(gateway, rows, configuration);
  return 'code' in parts ? parts : parts.map((part) => [part.deviceUid, part.rows.map(({ value }) => value)]);
}

test.each<[string, ReturnType<typeof valuesOf>, unknown]>([
  ['rows without a code are those of the sender', valuesOf(row(1, null), row(2, null)), [['g', [1, 2]]]],
  [
    'sub-devices follow the sender in order of appearance, each with its rows in order',
    valuesOf(row(1, 'b2'), row(2, null), row(3, 'b1'), row(4, 'b2')),
    [
      ['g', [2]],
      ['b2', [1, 4]],
      ['b1', [3]],
    ],
  ],
  [
    'the sender has a part when all rows are of others',
    valuesOf(row(1, 'b1')),
    [
      ['g', []],
      ['b1', [1]],
    ],
  ],
  ['no rows are those of the sender', valuesOf(), [['g', []]]],
  [
    'the sender may name itself',
    valuesOf(row(1, 'g'), row(2, 'b1'), row(3, null)),
    [
      ['g', [1, 3]],
      ['b1', [2]],
    ],
  ],
])('%s', (_sentence, values, expected) => {
  expect(values).toEqual(expected);
});

test.each([
  ['no device', 'nobody'],
  ['a device behind another gateway', 'other'],
  ['a device behind no gateway', 'top'],
  ['a device that is not active', 'off'],
  ['a device of another tenant', 'foreign'],
])('a code that names %s puts the message aside, whatever else it says', (_what, uid) => {
  expect(valuesOf(row(1, null), row(2, 'b1'), row(3, uid))).toEqual({
    code: 'unknown_sub_device',
    detail: `No active device with the identification code SN-${uid} is behind g: give one this code and the gatewayUid g.`,
  });
});

test('every row is in one part, that of the device it is about, and in the order of the message', () => {
  const rows = fc.array(fc.constantFrom(null, 'g', 'b1', 'b2')).map((names) => names.map((of, at) => row(at, of)));
  fc.assert(
    fc.property(rows, (given) => {
      const parts = partsOf(gateway, given, configuration);
      if ('code' in parts) throw new Error(parts.detail);
      const uidOf = (code: string | null) => code?.slice('SN-'.length) ?? 'g';
      const uids = ['g', ...new Set(given.map(({ identificationCode }) => uidOf(identificationCode)))];
      expect(parts.map(({ deviceUid }) => deviceUid)).toEqual([...new Set(uids)]);
      for (const part of parts)
        expect(part.rows).toEqual(
          given.filter(({ identificationCode }) => uidOf(identificationCode) === part.deviceUid),
        );
    }),
  );
});
