/** What happens in the api, by name. */
import type { FieldError } from '@millrace/contracts';
import { defineEvents, event } from '@millrace/observe';

export const apiEvents = defineEvents({
  configurationPublished: event<{ written: number; deleted: number; tookMs: number }>(
    'info',
    'The configuration was published.',
    'configurations_published_total',
  ),
  configurationRefused: event<{ detail: string; errors: readonly FieldError[] }>(
    'error',
    'The configuration was refused, the one before stays.',
    'configurations_refused_total',
  ),
  publicationFailed: event<{ error: unknown; attempt: number }>(
    'warn',
    'The configuration could not be published and is tried again.',
    'publications_failed_total',
  ),
  pointsExported: event<{ format: string; points: number; tookMs: number }>(
    'debug',
    'Points were exported.',
    'exported_points_total',
    'points',
  ),
  exportCut: event<{ format: string; points: number; error: unknown }>(
    'warn',
    'An export was cut off by an error.',
    'exports_cut_total',
  ),
  liveMissed: event<{ tenant: string; points: number; alarms: number }>(
    'debug',
    'A live stream was too slow and is told what it missed.',
    'live_points_missed_total',
    'points',
  ),
  liveRecordsSkipped: event<{ topic: string; records: number }>(
    'warn',
    'Records could not be decoded and were left out of live streams.',
    'live_records_skipped_total',
    'records',
  ),
  redisFailed: event<{ error: unknown }>('warn', 'The connection to Redis failed.', 'redis_failures_total'),
});
