/** A statistic and its results in QuestDB, as the historian stores them. */
import { randomBytes } from 'node:crypto';
import type { StatisticResult } from '@millrace/contracts';
import { Breaker } from '@millrace/kernel';
import {
  appendStatisticResult,
  ensureTable,
  type QuestDb,
  RowWriter,
  statisticResultsTable,
} from '@millrace/timeseries';

const hourMicros = 3_600_000_000;

/** As in `statistics.json`. */
export function statisticOf(tenant: string): object {
  return {
    tenant,
    statisticId: 'mean',
    name: 'Mean',
    cron: '0 * * * *',
    productId: 'pump',
    inputs: [{ name: 'input', signal: 't' }],
    aggregation: 'mean',
  };
}

/** Of the windows that ended at noon and one hour later: d1 has a value, d2 has failed. */
export async function storeResults(store: QuestDb, tenant: string, noonMicros: number): Promise<void> {
  await ensureTable(store, statisticResultsTable);
  const breaker = new Breaker('QuestDB', { resetMs: 100, failuresMin: 5 });
  const { name: table } = statisticResultsTable;
  const writer = new RowWriter({ store, breaker, table, append: appendStatisticResult });
  await writer.write(
    [12, 13].flatMap((hour) => {
      const common = resultOf(tenant, noonMicros + (hour - 12) * hourMicros, noonMicros);
      return [
        { ...common, deviceUid: 'd1', status: 'computed', values: [{ name: 'mean', value: hour }] },
        { ...common, deviceUid: 'd2', status: 'failed', errorCode: 'too_many_points', errorDetail: 'Too many.' },
      ];
    }),
  );
}

function resultOf(tenant: string, windowEndMicros: number, computedAtMicros: number): StatisticResult {
  return {
    resultId: randomBytes(16),
    tenant,
    statisticId: 'mean',
    statisticVersion: 1,
    statisticName: 'Mean',
    deviceUid: null,
    windowStartMicros: windowEndMicros - hourMicros,
    windowEndMicros,
    revision: 0,
    status: '',
    values: [],
    inputPoints: 3,
    scriptVersion: '',
    warnings: [],
    errorCode: '',
    errorDetail: '',
    computedAtMicros,
  };
}
