/** Rules and points for this library's tests: a test names only what matters to it. */
import type { AlarmRuleConfig, DataRow, DataRowList } from '@millrace/contracts';

export function ruleOf(overrides: Partial<AlarmRuleConfig> = {}): AlarmRuleConfig {
  return {
    tenant: 'mill',
    ruleId: 'too-hot',
    version: 1,
    name: 'Too hot',
    productId: 'oven',
    deviceUid: null,
    signal: 'temperature',
    grades: [{ severity: 'critical', low: 90, high: null }],
    deadband: 0,
    notify: [],
    ...overrides,
  };
}

export function rowOf(overrides: Partial<DataRow> = {}): DataRow {
  return { name: 'temperature', value: 0, quality: 0, timeOffsetMicros: 0, ordinal: 0, ...overrides };
}

export function listOf(timeMicros: number, rows: readonly DataRow[]): DataRowList {
  return {
    messageId: Buffer.alloc(16, timeMicros & 0xff),
    part: 0,
    tenant: 'mill',
    deviceUid: 'oven-1',
    identificationCode: null,
    timeMicros,
    timeFromSender: true,
    receivedAtMicros: timeMicros + 1_000,
    sequence: 0,
    rows,
    rawPayload: null,
    rawPartition: -1,
    rawOffset: -1,
    rawIndex: 0,
    scriptVersion: '',
    warnings: [],
  };
}
