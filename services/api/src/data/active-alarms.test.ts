import { Configuration } from '@millrace/config';
import type { AlarmState } from '@millrace/contracts';
import { anyDevice } from '@millrace/testkit';
import { beforeEach, expect, test } from 'vitest';
import { ActiveAlarms } from './active-alarms.ts';

const state = (ruleId: string, severity: string, sinceMicros: number, ruleVersion = 1): AlarmState => ({
  ruleId,
  ruleVersion,
  signal: 't',
  severity,
  sinceMicros,
  alarmId: Buffer.alloc(16, sinceMicros),
});

let configuration: Configuration;
let alarms: ActiveAlarms;

function addRule(tenant: string, ruleId: string, version = 1): void {
  configuration.apply('alarmRules', `${tenant}/${ruleId}`, {
    tenant,
    ruleId,
    version,
    name: ruleId,
    productId: 'pump',
    deviceUid: null,
    signal: 't',
    grades: [{ severity: 'minor', low: 5, high: null }],
    deadband: 0,
    notify: [],
  });
}

beforeEach(() => {
  configuration = new Configuration();
  for (const tenant of ['acme', 'other'])
    for (const deviceUid of ['d1', 'd2'])
      configuration.apply('devices', `${tenant}/${deviceUid}`, anyDevice(tenant, deviceUid, { name: deviceUid }));
  for (const rule of ['r1', 'r2', 'r3']) addRule('acme', rule);
  alarms = new ActiveAlarms(configuration);
});

const apply = (key: string, ...states: readonly AlarmState[]): void => {
  const [tenant = '', deviceUid = ''] = key.split('/');
  alarms.apply(key, { tenant, deviceUid, states });
};
const listed = (tenant: string): readonly string[] =>
  alarms.of(tenant).map(({ device, rule, severity }) => `${device.deviceUid} ${rule.ruleId} ${severity}`);

test('the worst alarm comes first, then the newest', () => {
  apply('acme/d1', state('r1', 'minor', 1), state('r2', 'critical', 2), state('r3', 'none', 3));
  apply('acme/d2', state('r1', 'minor', 4));
  expect(listed('acme')).toEqual(['d1 r2 critical', 'd2 r1 minor', 'd1 r1 minor']);
  expect(alarms.of('acme')[1]).toMatchObject({ grade: { low: 5 }, sinceMicros: 4, alarmId: '04'.repeat(16) });
});

test('an alarm is gone when it is cleared, and when its checkpoint is', () => {
  apply('acme/d1', state('r1', 'minor', 1));
  apply('acme/d2', state('r1', 'minor', 1));
  apply('acme/d1', state('r1', 'none', 2));
  alarms.apply('acme/d2', null);
  expect(listed('acme')).toEqual([]);
});

test('a tenant has its own alarms only', () => {
  apply('acme/d1', state('r1', 'minor', 1));
  expect(listed('other')).toEqual([]);
});

test('what the configuration no longer has raises nothing', () => {
  apply('acme/d1', state('r1', 'minor', 1), state('absent', 'minor', 1));
  apply('acme/absent', state('r1', 'minor', 1));
  addRule('acme', 'r2', 2);
  apply('acme/d2', state('r2', 'minor', 1));
  expect(listed('acme')).toEqual(['d1 r1 minor']);
});
