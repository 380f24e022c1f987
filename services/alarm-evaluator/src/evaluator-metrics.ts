/** What the evaluator measures beside its events. */
import { histogram } from '@millrace/observe';

export const evaluatorMetrics = {
  latency: histogram('event_latency_seconds', 'From the receipt of a message to its stored alarm event.'),
} as const;
