/** Events and configuration for the tests of this service: a test names only what matters to it. */
import type { AlarmEvent, AlarmRuleConfig, NotificationAttempt } from '@millrace/contracts';

export function eventOf(overrides: Partial<AlarmEvent> = {}): AlarmEvent {
  return {
    eventId: Buffer.from('00112233445566778899aabbccddeeff', 'hex'),
    alarmId: Buffer.from('ffeeddccbbaa99887766554433221100', 'hex'),
    tenant: 'mill',
    deviceUid: 'oven-1',
    ruleId: 'too-hot',
    ruleVersion: 1,
    ruleName: 'Too hot',
    signal: 'temperature',
    transition: 'raised',
    severityBefore: 'none',
    severity: 'critical',
    timeMicros: 1_763_715_600_123_456,
    value: 93.5,
    low: 90,
    high: null,
    deadband: 0,
    messageId: Buffer.alloc(16),
    receivedAtMicros: 0,
    ...overrides,
  };
}

export function ruleOf(...recipients: readonly string[]): AlarmRuleConfig {
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
    notify: recipients.length === 0 ? [] : [{ channelId: 'mail', templateId: 'text', recipients }],
  };
}

export function attemptOf(overrides: Partial<NotificationAttempt> = {}): NotificationAttempt {
  return {
    eventId: eventOf().eventId,
    tenant: 'mill',
    deviceUid: 'oven-1',
    channelId: 'mail',
    kind: 'email',
    recipient: 'a@mill.example',
    attempt: 1,
    outcome: 'started',
    detail: '',
    timeMicros: 0,
    ...overrides,
  };
}
