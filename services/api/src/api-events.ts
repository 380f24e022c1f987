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
  redisFailed: event<{ error: unknown }>('warn', 'The connection to Redis failed.', 'redis_failures_total'),
});
