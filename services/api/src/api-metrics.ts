/** What the api measures beside its events. */
import { gauge } from '@millrace/observe';

export const apiMetrics = {
  liveStreams: gauge('live_connections', 'Live streams that are open.'),
} as const;
