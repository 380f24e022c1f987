/**
 * The table of statistics results: one row for each statistic, window and device, so that a repeat or a revision replaces what
 * was there. A row's time is the end of its window. Partitions of a month, no retention limit.
 */
import type { StatisticResult, StatisticValue } from '@millrace/contracts';
import type { AppendLine } from './row-writer.ts';
import type { TableDefinition } from './table-definition.ts';

export const statisticResultsTable: TableDefinition = {
  name: 'statistic_results',
  columns: [
    { name: 'ts', type: 'TIMESTAMP' },
    { name: 'tenant', type: 'SYMBOL', capacity: 512 },
    { name: 'statistic', type: 'SYMBOL', capacity: 4_096 },
    { name: 'device', type: 'SYMBOL', capacity: 16_384 },
    { name: 'window_start', type: 'TIMESTAMP' },
    { name: 'revision', type: 'INT' },
    { name: 'status', type: 'SYMBOL', capacity: 16 },
    { name: 'value', type: 'DOUBLE' },
    { name: 'named_values', type: 'VARCHAR' },
    { name: 'points', type: 'LONG' },
    { name: 'error', type: 'SYMBOL', capacity: 64 },
    { name: 'error_detail', type: 'VARCHAR' },
    { name: 'result', type: 'VARCHAR' },
    { name: 'statistic_version', type: 'INT' },
    { name: 'script', type: 'VARCHAR' },
    { name: 'computed', type: 'TIMESTAMP' },
  ],
  partitionBy: 'MONTH',
  keys: ['ts', 'tenant', 'statistic', 'device'],
};

/** The line of a result: the value of a result with a single number in `value`, all of them as a JSON object in `named_values`. */
export const appendStatisticResult: AppendLine<StatisticResult> = (buffer, table, result) => {
  const number = onlyNumberOf(result.values);
  buffer.table(table).symbol('tenant', result.tenant).symbol('statistic', result.statisticId);
  if (result.deviceUid !== null) buffer.symbol('device', result.deviceUid);
  buffer.symbol('status', result.status);
  if (result.errorCode !== '')
    buffer.symbol('error', result.errorCode).stringColumn('error_detail', result.errorDetail);
  if (number !== undefined) buffer.floatColumn('value', number);
  buffer
    .timestampColumn('window_start', result.windowStartMicros, 'us')
    .intColumn('revision', result.revision)
    .stringColumn('named_values', JSON.stringify(Object.fromEntries(result.values.map(entryOf))))
    .intColumn('points', result.inputPoints)
    .stringColumn('result', result.resultId.toString('hex'))
    .intColumn('statistic_version', result.statisticVersion)
    .stringColumn('script', result.scriptVersion)
    .timestampColumn('computed', result.computedAtMicros, 'us');
  buffer.at(result.windowEndMicros, 'us');
};

function entryOf({ name, value }: StatisticValue): [string, StatisticValue['value']] {
  return [name, value];
}

function onlyNumberOf([first, ...others]: readonly StatisticValue[]): number | undefined {
  return others.length === 0 && typeof first?.value === 'number' ? first.value : undefined;
}
