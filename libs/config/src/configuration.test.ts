import { type AlarmRuleConfig, type DeviceConfig, deviceKey } from '@millrace/contracts';
import { type AnyDevice, anyDevice } from '@millrace/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Configuration } from './configuration.ts';
import { entityKey } from './entities.ts';

const device = (rest: Partial<AnyDevice> = {}): DeviceConfig => anyDevice('acme', 'pump-1', rest);

const rule = (rest: Partial<AlarmRuleConfig> = {}): AlarmRuleConfig => ({
  tenant: 'acme',
  ruleId: 'hot',
  version: 1,
  name: 'Hot',
  productId: 'pump',
  deviceUid: null,
  signal: 'temperature',
  grades: [{ severity: 'major', low: 80, high: null }],
  deadband: 1,
  notify: [],
  ...rest,
});

function configurationOf(devices: readonly DeviceConfig[], rules: readonly AlarmRuleConfig[] = []): Configuration {
  const configuration = new Configuration();
  for (const one of devices) configuration.apply('devices', deviceKey(one.tenant, one.deviceUid), one);
  for (const one of rules) configuration.apply('alarmRules', entityKey(one.tenant, one.ruleId), one);
  return configuration;
}

test('a device is found by uid and by code, in its own tenant only', () => {
  const pump = device({ identificationCode: 'SN1' });
  const configuration = configurationOf([pump]);
  expect(configuration.device('acme', 'pump-1')).toBe(pump);
  expect(configuration.deviceByCode('acme', 'SN1')).toBe(pump);
  expect(configuration.device('other', 'pump-1')).toBeUndefined();
  expect(configuration.deviceByCode('other', 'SN1')).toBeUndefined();
});

test('devices and keys of a deleted tenant are unknown, those of others are not, and they come back with it', () => {
  const configuration = configurationOf([device({ identificationCode: 'SN1' }), device({ tenant: 'other' })]);
  const neverRotated = { previousHash: null, previousUntilMicros: null };
  const key = { tenant: 'acme', keyId: 'k1', hash: '', scopes: ['read'], expiresAtMicros: null, ...neverRotated };
  configuration.apply('apiKeys', 'k1', key);
  const tenant = { tenant: 'acme', name: '', retentionClass: '90d', ownTable: false, quotas: null };
  const found = (): readonly unknown[] => [
    configuration.device('acme', 'pump-1'),
    configuration.deviceByCode('acme', 'SN1'),
    configuration.apiKey('k1'),
  ];
  configuration.apply('tenants', 'acme', { ...tenant, state: 'deleted' });
  expect(found()).toEqual([undefined, undefined, undefined]);
  expect(configuration.device('other', 'pump-1')).toBeDefined();
  expect(configuration.tenant('acme')?.state).toBe('deleted');
  configuration.apply('tenants', 'acme', { ...tenant, state: 'active' });
  expect(found().every((one) => one !== undefined)).toBe(true);
});

test('every change counts, a deletion too', () => {
  const configuration = configurationOf([device()]);
  const before = configuration.version;
  configuration.apply('devices', 'acme/pump-1', null);
  expect(configuration.version).toBe(before + 1);
  expect(configuration.device('acme', 'pump-1')).toBeUndefined();
});

test('a code that moves to another device is found there, whichever record comes first', () => {
  const configuration = configurationOf([device({ deviceUid: 'old', identificationCode: 'SN1' })]);
  const replacement = device({ deviceUid: 'new', identificationCode: 'SN1' });
  configuration.apply('devices', 'acme/new', replacement);
  configuration.apply('devices', 'acme/old', device({ deviceUid: 'old' }));
  expect(configuration.deviceByCode('acme', 'SN1')).toBe(replacement);
});

test('rules of the device and of its product apply, sorted, and follow changes of both', () => {
  const pump = device();
  const ofProduct = rule({ ruleId: 'b' });
  const ofDevice = rule({ ruleId: 'a', productId: null, deviceUid: 'pump-1', signal: 'pressure' });
  const configuration = configurationOf(
    [pump],
    [ofProduct, ofDevice, rule({ ruleId: 'c', productId: 'valve' }), rule({ ruleId: 'd', tenant: 'other' })],
  );
  expect(configuration.rulesOf(pump)).toEqual([ofDevice, ofProduct]);
  expect(configuration.rulesOf(pump)).toBe(configuration.rulesOf(pump));
  expect(configuration.rulesOfSignal(pump, 'pressure')).toEqual([ofDevice]);
  expect(configuration.rulesOfSignal(pump, 'level')).toEqual([]);

  const valve = device({ productId: 'valve' });
  configuration.apply('devices', 'acme/pump-1', valve);
  expect(configuration.rulesOf(valve).map(({ ruleId }) => ruleId)).toEqual(['a', 'c']);
  configuration.apply('alarmRules', 'acme/a', null);
  expect(configuration.rulesOf(valve).map(({ ruleId }) => ruleId)).toEqual(['c']);
});

const states = fc.array(
  fc.dictionary(
    fc.constantFrom('d1', 'd2', 'd3', 'd4'),
    fc.record({ code: fc.constantFrom(null, 'A', 'B', 'C'), product: fc.constantFrom('p', 'q') }),
    { noNullPrototype: true },
  ),
  { minLength: 1, maxLength: 6 },
);

test('after any history of valid states the indexes are those of the last state', () => {
  fc.assert(
    fc.property(states, fc.boolean(), (history, backwards) => {
      const configuration = configurationOf([], [rule({ productId: 'p' })]);
      const valid = history.map(withUniqueCodes);
      for (const state of valid) {
        const uids = ['d1', 'd2', 'd3', 'd4'];
        for (const uid of backwards ? uids.toReversed() : uids)
          configuration.apply('devices', `acme/${uid}`, state.get(uid) ?? null);
      }
      const last = [...valid.at(-1)!.values()];
      for (const code of ['A', 'B', 'C'])
        expect(configuration.deviceByCode('acme', code)).toEqual(
          last.find(({ identificationCode }) => identificationCode === code),
        );
      for (const one of last) expect(configuration.rulesOf(one)).toHaveLength(one.productId === 'p' ? 1 : 0);
      expect(configuration.devices.size).toBe(last.length);
    }),
  );
});

function withUniqueCodes(
  state: Readonly<Record<string, { code: string | null; product: string }>>,
): ReadonlyMap<string, DeviceConfig> {
  const taken = new Set<string>();
  return new Map(
    Object.entries(state).map(([deviceUid, { code, product }]) => {
      const identificationCode = code !== null && taken.has(code) ? null : code;
      if (identificationCode !== null) taken.add(identificationCode);
      return [deviceUid, device({ deviceUid, identificationCode, productId: product })];
    }),
  );
}
