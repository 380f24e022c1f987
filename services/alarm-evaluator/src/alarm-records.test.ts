import type { AlarmEvent } from '@millrace/contracts';
import { expect, test } from 'vitest';
import { eventRecord, statesRecord } from './alarm-records.ts';
import { codecs } from './testing/fakes.ts';

const event: AlarmEvent = {
  eventId: Buffer.from('00112233445566778899aabbccddeeff', 'hex'),
  alarmId: Buffer.alloc(16),
  tenant: 'mill',
  deviceUid: 'oven-1',
  ruleId: 'too-hot',
  ruleVersion: 1,
  ruleName: 'Too hot',
  signal: 'temperature',
  transition: 'raised',
  severityBefore: 'none',
  severity: 'critical',
  timeMicros: 1_763_715_600_000_007,
  value: 93,
  low: 90,
  high: null,
  deadband: 0,
  messageId: Buffer.alloc(16),
  receivedAtMicros: 0,
};

test('an event is a CloudEvent in binary mode, in the partition of its point', () => {
  expect(eventRecord(event, 5, codecs)).toEqual({
    topic: 'alarm.events.v1',
    partition: 5,
    key: 'mill/oven-1',
    value: codecs.events.encode(event),
    headers: {
      ce_specversion: '1.0',
      ce_id: '00112233445566778899aabbccddeeff',
      ce_type: 'io.millrace.alarm.raised',
      ce_source: '/millrace/alarm-evaluator',
      ce_subject: 'mill/oven-1',
      ce_time: '2025-11-21T09:00:00.000007Z',
      'content-type': 'application/avro',
    },
  });
});

test.each([
  [0, '1970-01-01T00:00:00.000000Z'],
  [-1, '1969-12-31T23:59:59.999999Z'],
  [1_999_999, '1970-01-01T00:00:01.999999Z'],
])('the time %d is %s', (timeMicros, time) => {
  expect(eventRecord({ ...event, timeMicros }, 0, codecs).headers?.['ce_time']).toBe(time);
});

test('a checkpoint has the key of its device, so that compaction keeps the last one', () => {
  const states = { tenant: 'mill', deviceUid: 'oven-1', states: [] };
  expect(statesRecord(states, 5, codecs)).toMatchObject({ topic: 'alarm.states.v1', partition: 5, key: 'mill/oven-1' });
});
