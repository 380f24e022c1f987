/**
 * kafkajs 2.2.4 re-arms its throttle timer for ever, every millisecond and with a negative delay, on each connection
 * (tulios/kafkajs#1704, #1751). Nothing pending means nothing to check: `push` arms it again.
 */
import { internalModule } from './internals.ts';

interface RequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

const { prototype } = internalModule<{ prototype: RequestQueue }>('network/requestQueue');
const schedule = Reflect.get(prototype, 'scheduleCheckPendingRequests');

prototype.scheduleCheckPendingRequests = function scheduleWhenPending(): void {
  if (this.pending.length > 0) schedule.call(this);
};
