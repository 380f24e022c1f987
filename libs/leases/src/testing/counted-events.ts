/** Events that are counted instead of told. */
import type { Emitter } from '@millrace/observe';
import { leaseEvents } from '../lease-events.ts';

export type EventName = keyof typeof leaseEvents;

/** `heard` is called for each, with its fields. */
export function countedEvents(
  counts: Map<string, number>,
  heard: (name: EventName, fields: Readonly<Record<string, unknown>>) => void = () => undefined,
): Emitter<typeof leaseEvents> {
  const names = Object.keys(leaseEvents) as EventName[];
  const emits = names.map((name) => [
    name,
    (fields: Readonly<Record<string, unknown>> = {}) => {
      counts.set(name, (counts.get(name) ?? 0) + 1);
      heard(name, fields);
    },
  ]);
  return Object.fromEntries(emits) as Emitter<typeof leaseEvents>;
}
