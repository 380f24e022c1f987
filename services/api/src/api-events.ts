/** What happens in the api, by name. */
import { defineEvents, event } from '@millrace/observe';

export const apiEvents = defineEvents({
  databaseMigrated: event<{ migrations: readonly string[] }>('info', 'The database was brought to the present form.'),
  databaseFailed: event<{ error: unknown }>('warn', 'A connection to PostgreSQL failed.', 'database_failures_total'),
  publishingBegan: event<{ position: number }>('info', 'This instance publishes the configuration from now on.'),
  changesPublished: event<{ changes: number; position: number }>(
    'debug',
    'Changes of the configuration were published.',
    'publications_total',
  ),
  changeUnpublishable: event<{ tenant: string; kind: string; id: string; position: number; error: unknown }>(
    'error',
    'A change does not fit the schema of its topic and was left out: no service hears of it.',
    'unpublishable_changes_total',
  ),
  republished: event<{ entities: number; removed: number }>(
    'warn',
    'The whole configuration is written anew: the topics did not have what was published.',
    'republications_total',
  ),
  publishingFailed: event<{ error: unknown; attempt: number }>(
    'warn',
    'The configuration could not be published and is tried again.',
    'publications_failed_total',
  ),
  scriptPublishedAnyway: event<{ tenant: string; script: string; reason: string }>(
    'warn',
    'A script was published although it fails its samples.',
    'scripts_published_anyway_total',
  ),
  devicesImported: event<{
    tenant: string;
    created: number;
    changed: number;
    unchanged: number;
    failed: number;
    tookMs: number;
  }>('info', 'Devices were imported from a file.', 'imports_total'),
  importFailed: event<{ tenant: string; rows: number; error: unknown }>(
    'warn',
    'An import of devices ended before its file.',
    'imports_failed_total',
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
  erasureBegan: event<{ tenant: string; attempt: number }>('info', 'The erasure of a tenant began or goes on.'),
  erasureStepEnded: event<{ tenant: string; step: string }>('info', 'A step of the erasure of a tenant is done.'),
  erasureEnded: event<{ tenant: string }>('info', 'A tenant was erased.', 'erasures_total'),
  erasureFailed: event<{ tenant: string; step: string; attempt: number; code: string; reason: string; error: unknown }>(
    'warn',
    'The erasure of a tenant could not go on and is tried again.',
    'erasures_failed_total',
  ),
  erasingFailed: event<{ error: unknown }>('warn', 'Erasures wait for PostgreSQL.'),
  deviceRegistered: event<{ tenant: string; device: string }>(
    'debug',
    'A device registered itself and was given a credential.',
    'registrations_total',
  ),
  registrationRefused: event<{ error: unknown }>(
    'debug',
    'A device that wanted to register itself was refused.',
    'registrations_refused_total',
  ),
  redisFailed: event<{ error: unknown }>('warn', 'The connection to Redis failed.', 'redis_failures_total'),
});

/** The emitter of them. */
export const EVENTS = Symbol('api events');
