/** The historian's events into nothing but their counters. */
import { emitterOf, Metrics } from '@millrace/observe';
import { historianEvents, type HistorianEmitter } from '../historian-events.ts';

export function silentEvents(): HistorianEmitter {
  return emitterOf(historianEvents, { write: () => undefined }, new Metrics('historian'));
}
