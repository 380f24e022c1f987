/** What happens in the statistics scheduler: the log line and the metric of each. */
import { defineEvents, type Emitter, event } from '@millrace/observe';

export const statisticsSchedulerEvents = defineEvents({
  windowsPlanned: event<{ windows: number }>('debug', 'Windows were planned.', 'windows_planned_total', 'windows'),
  windowsCaughtUp: event<{ tenant: string; statistic: string; windows: number }>(
    'info',
    'Windows of the past without a result were planned.',
    'windows_caught_up_total',
    'windows',
  ),
  windowsSkipped: event<{ tenant: string; statistic: string; windowsMax: number }>(
    'warn',
    'Too many windows were missed; the oldest will have no result.',
    'windows_skipped_total',
  ),
  definitionRefused: event<{ tenant: string; statistic: string; reason: string }>(
    'error',
    'A statistic has no windows because its definition cannot be used.',
    'definitions_refused_total',
  ),
  planningFailed: event<{ reason: string }>(
    'warn',
    'Windows could not be planned and will be.',
    'planning_failures_total',
  ),
  runCompleted: event<{ tenant: string; statistic: string; windowEnd: string; results: number; tookMs: number }>(
    'debug',
    'A window was evaluated.',
    'results_total',
    'results',
  ),
  resultsFailed: event<{ tenant: string; statistic: string; results: number; code: string; reason: string }>(
    'warn',
    'Results failed and say so.',
    'results_failed_total',
    'results',
  ),
  runRetried: event<{ tenant: string; statistic: string; attempt: number; code: string; reason: string }>(
    'warn',
    'A run failed and is tried again.',
    'runs_retried_total',
  ),
  runDropped: event<{ tenant: string; statistic: string; windowEnd: string }>(
    'info',
    'A planned window was dropped because the configuration has it no more.',
    'runs_dropped_total',
  ),
  runAbandoned: event<{ run: string; reason: string }>(
    'error',
    'A run ended its processes again and again and is given up.',
    'runs_abandoned_total',
  ),
  queueFailed: event<{ error: unknown }>('warn', 'The connection to Redis failed.', 'queue_failures_total'),
  sandboxStarted: event<{ processes: number; walls: string }>('info', 'The sandbox started; these walls are up.'),
  wallMissing: event<{ wall: string; found: string }>('warn', 'A wall around the scripts is not up on this machine.'),
  sandboxKilled: event<{ script: string; reason: string }>(
    'warn',
    'A script cost the sandbox its process.',
    'sandbox_kills_total',
  ),
  scriptQuarantined: event<{ script: string; subject: string; reason: string; failures: number; restsMs: number }>(
    'warn',
    'A script rests because it keeps breaking its limits; its windows fail meanwhile.',
    'quarantines_total',
  ),
});

export type StatisticsSchedulerEmitter = Emitter<typeof statisticsSchedulerEvents>;
