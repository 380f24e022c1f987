/** What the api measures of erasures beside its events; only the instance that carries them out has another value than 0. */
import { gauge } from '@millrace/observe';

export const erasureMetrics = {
  pending: gauge(
    'erasure_pending_seconds',
    'How long ago the oldest erasure was asked for that is not done; 0: there is none.',
  ),
} as const;
