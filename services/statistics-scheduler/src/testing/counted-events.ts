/** The events of the service, counted instead of told. */
import { statisticsSchedulerEvents, type StatisticsSchedulerEmitter } from '../statistics-scheduler-events.ts';

export interface CountedEvents {
  readonly counts: Readonly<Record<string, number>>;
  readonly emit: StatisticsSchedulerEmitter;
}

export function countedEvents(): CountedEvents {
  const counts: Record<string, number> = {};
  const counters = Object.keys(statisticsSchedulerEvents).map((name) => {
    return [name, () => void (counts[name] = (counts[name] ?? 0) + 1)] as const;
  });
  return { counts, emit: Object.fromEntries(counters) as unknown as StatisticsSchedulerEmitter };
}
