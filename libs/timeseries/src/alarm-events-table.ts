/** The table of alarm transitions. Few rows and each worth keeping: partitions of a month, no retention limit. */
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
