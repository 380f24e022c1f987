/** What happens in the historian: the log line and the metric of each. */
import { defineEvents, type Emitter, event } from '@millrace/observe';

export const historianEvents = defineEvents({
  rowsStored: event<{ table: string; lane: string; rows: number; tookMs: number }>(
    'debug',
    'Rows were stored.',
    'rows_stored_total',
    'rows',
  ),
  alarmEventsStored: event<{ events: number }>(
    'debug',
    'Alarm events were stored.',
    'alarm_events_stored_total',
    'events',
  ),
  statisticResultsStored: event<{ results: number }>(
    'debug',
    'Results of statistics were stored.',
    'statistic_results_stored_total',
    'results',
  ),
  recordsPutAside: event<{ topic: string; partition: number; records: number; code: string; reason: string }>(
    'warn',
    'Records were put aside as dead letters.',
    'dead_letters_total',
    'records',
  ),
  lateRowsRetried: event<{ topic: string; partition: number; reason: string }>(
    'warn',
    'Late rows wait for QuestDB.',
    'late_retries_total',
  ),
  storeStateChanged: event<{ state: string }>('warn', 'The breaker before QuestDB changed.', 'breaker_changes_total'),
  tableResumed: event<{ table: string; reason: string }>(
    'warn',
    'QuestDB had suspended a table; it was resumed.',
    'table_resumes_total',
  ),
  tableLookFailed: event<{ reason: string }>(
    'warn',
    'QuestDB could not be asked for suspended tables and will be again.',
    'table_look_failures_total',
  ),
  retentionChanged: event<{ table: string; retentionDays: number | null }>(
    'info',
    "The retention of a tenant's table was changed.",
    'retention_changes_total',
  ),
  retentionFailed: event<{ table: string; reason: string }>(
    'warn',
    "The retention of a tenant's table could not be changed and will be.",
    'retention_failures_total',
  ),
  latestWritten: event<{ signals: number }>('debug', 'Latest values were written.', 'latest_written_total', 'signals'),
  latestKept: event<{ signals: number; reason: string }>(
    'warn',
    'Latest values were kept because Redis failed.',
    'latest_failures_total',
  ),
  latestDropped: event('warn', 'Latest values were dropped and will be rebuilt.', 'latest_dropped_total'),
  latestRebuilt: event<{ signals: number; scope: string; tookMs: number }>(
    'info',
    'Latest values were read back from QuestDB.',
    'latest_rebuilds_total',
  ),
  latestRebuildFailed: event<{ reason: string }>(
    'warn',
    'Latest values could not be read back and will be again.',
    'latest_rebuild_failures_total',
  ),
});

export type HistorianEmitter = Emitter<typeof historianEvents>;
