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
  redisFailed: event<{ error: unknown }>('warn', 'The connection to Redis failed.', 'redis_failures_total'),
});
