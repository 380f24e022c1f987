/** What the client manager measures beside its events. */
import { gauge } from '@millrace/observe';

export const clientManagerMetrics = {
  connections: gauge('open_connections', 'Connections of this instance by their state.', ['state']),
  unacknowledged: gauge('unacknowledged_messages', 'Messages whose sender waits for its receipt.'),
} as const;
