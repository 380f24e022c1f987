/** The table of alarm transitions. Few rows and each worth keeping: partitions of a month, no retention limit. */
import type { AlarmEvent } from '@millrace/contracts';
import type { AppendLine } from './row-writer.ts';
import type { TableDefinition } from './table-definition.ts';

export const alarmEventsTable: TableDefinition = {
  name: 'alarm_events',
  columns: [
    { name: 'ts', type: 'TIMESTAMP' },
    { name: 'tenant', type: 'SYMBOL', capacity: 512 },
    { name: 'device', type: 'SYMBOL', capacity: 16_384 },
    { name: 'rule', type: 'SYMBOL', capacity: 4_096 },
    { name: 'signal', type: 'SYMBOL', capacity: 4_096 },
    { name: 'transition', type: 'SYMBOL', capacity: 16 },
    { name: 'severity_before', type: 'SYMBOL', capacity: 16 },
    { name: 'severity', type: 'SYMBOL', capacity: 16 },
    { name: 'event', type: 'VARCHAR' },
    { name: 'alarm', type: 'VARCHAR' },
    { name: 'message', type: 'VARCHAR' },
    { name: 'rule_name', type: 'VARCHAR' },
    { name: 'rule_version', type: 'INT' },
    { name: 'value', type: 'DOUBLE' },
    { name: 'low', type: 'DOUBLE' },
    { name: 'high', type: 'DOUBLE' },
    { name: 'deadband', type: 'DOUBLE' },
    { name: 'received', type: 'TIMESTAMP' },
  ],
  partitionBy: 'MONTH',
  keys: ['ts', 'tenant', 'device', 'event'],
};

/** The line of an event. */
export const appendAlarmEvent: AppendLine<AlarmEvent> = (buffer, table, event) => {
  buffer
    .table(table)
    .symbol('tenant', event.tenant)
    .symbol('device', event.deviceUid)
    .symbol('rule', event.ruleId)
    .symbol('signal', event.signal)
    .symbol('transition', event.transition)
    .symbol('severity_before', event.severityBefore)
    .symbol('severity', event.severity)
    .stringColumn('event', event.eventId.toString('hex'))
    .stringColumn('alarm', event.alarmId.toString('hex'))
    .stringColumn('message', event.messageId.toString('hex'))
    .stringColumn('rule_name', event.ruleName)
    .intColumn('rule_version', event.ruleVersion)
    .floatColumn('value', event.value);
  if (event.low !== null) buffer.floatColumn('low', event.low);
  if (event.high !== null) buffer.floatColumn('high', event.high);
  buffer.floatColumn('deadband', event.deadband).timestampColumn('received', event.receivedAtMicros, 'us');
  buffer.at(event.timeMicros, 'us');
};
