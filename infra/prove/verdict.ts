/** What of the outcome decides: the checks of the interruptions and of the replay. */
import { topics } from '@millrace/contracts';
import type { DistinctRecords } from './distinct-records.ts';
import { type Check, type CheckCode, type Comparison, type InterruptionResult, Violations } from './proof.ts';
import type { Recorded } from './recorded.ts';

/** One violation when no interruption hit work: such a run proves nothing. */
export function checkWork(interruptions: readonly InterruptionResult[]): Check {
  const violations = new Violations('no_work_interrupted', 'Interruptions hit work in flight.');
  if (interruptions.every(({ work }) => work === null))
    violations.add(`None of ${interruptions.length} interruptions found work in flight.`);
  return violations.check;
}

interface Replayed {
  readonly code: CheckCode;
  readonly promise: string;
  readonly topic: string;
  readonly of: (recorded: Recorded) => DistinctRecords;
}

const replayed: readonly Replayed[] = [
  {
    code: 'points_differ',
    promise: 'The raw bytes give the same points again.',
    topic: topics.points.name,
    of: ({ points }) => points,
  },
  {
    code: 'dead_letters_differ',
    promise: 'The raw bytes give the same dead letters again.',
    topic: topics.rawDeadLetters.name,
    of: ({ deadLetters }) => deadLetters,
  },
  {
    code: 'alarms_differ',
    promise: 'The raw bytes give the same alarm events again.',
    topic: topics.alarmEvents.name,
    of: ({ alarmEvents }) => alarmEvents,
  },
];

export function compare(live: Recorded, again: Recorded): { comparisons: Comparison[]; checks: Check[] } {
  const results = replayed.map(({ code, promise, topic, of }) => {
    const comparison = of(live).comparedWith(of(again), topic);
    const { differing: violations, examples } = comparison;
    return { comparison, check: { code, promise, violations, examples } };
  });
  return { comparisons: results.map(({ comparison }) => comparison), checks: results.map(({ check }) => check) };
}

export function violationsOf(checks: readonly Check[], ...codes: readonly CheckCode[]): number {
  return checks.filter(({ code }) => codes.includes(code)).reduce((sum, { violations }) => sum + violations, 0);
}
