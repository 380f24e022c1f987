/** What the notifier measures beside its events. */
import { counter, histogram } from '@millrace/observe';

export const notifierMetrics = {
  latency: histogram('delivery_latency_seconds', 'From the receipt of a message to its notification.'),
  delivered: counter('notifications_delivered_total', 'Notifications that reached their receiver.'),
} as const;
