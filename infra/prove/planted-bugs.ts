/**
 * Known bugs that the proof must find. They are put in from outside, so that production code has no switch for them: a
 * module of `planted/` that a service loads before its own (`node --import`) changes one function of it; the store's bug is
 * a statement.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { PlantStack } from '../integrity/plant-stack.ts';
import { table } from '../integrity/plant.ts';
import type { CheckCode } from './proof.ts';
import type { Interruption } from './schedule.ts';

export interface PlantedBug {
  readonly name: string;
  /** One sentence. */
  readonly bug: string;
  /** The checks that fail by it, and no others. */
  readonly findings: readonly CheckCode[];
  /** The shortest course that brings it to light. */
  readonly interruptions: readonly Interruption[];
  readonly how: { readonly preloadedBy: string } | { readonly statement: string };
}

const kill = (victim: string): Interruption => ({ victim, kind: 'kill', frozenMs: 0, pauseMs: 500 });
const freeze = (victim: string, frozenMs: number): Interruption => ({ victim, kind: 'freeze', frozenMs, pauseMs: 500 });

/** Longer than a group waits for a member, so that its partitions are another's when it comes back. */
const partitionsLostMs = 9_000;

export const plantedBugs: readonly PlantedBug[] = [
  {
    name: 'historian-commits-first',
    bug: 'The historian commits points that it has not stored yet.',
    findings: ['lost_in_historian', 'unexplained'],
    interruptions: [kill('questdb')],
    how: { preloadedBy: 'historian' },
  },
  {
    name: 'gateway-answers-first',
    bug: 'The gateway gives the receipt before Kafka has the message.',
    findings: ['lost_before_stream'],
    interruptions: [kill('gateway-1'), kill('gateway-1'), kill('gateway-1')],
    how: { preloadedBy: 'gateway' },
  },
  {
    name: 'evaluator-keeps-stale-state',
    bug: 'After a rebalance the alarm evaluator goes on with the states in its memory instead of those of the checkpoint.',
    findings: ['alarms_differ'],
    interruptions: [freeze('alarm-evaluator-1', partitionsLostMs), freeze('alarm-evaluator-2', partitionsLostMs)],
    how: { preloadedBy: 'alarm-evaluator' },
  },
  {
    name: 'parser-drops-dead-letters',
    bug: 'The parser drops a dead letter now and then.',
    findings: ['dead_letter_missing', 'unexplained', 'dead_letters_differ', 'hostile_lost'],
    interruptions: [kill('notifier-1')],
    how: { preloadedBy: 'parser' },
  },
  {
    name: 'questdb-without-dedup',
    bug: 'The table of points does not recognise a row that comes again.',
    findings: ['duplicate', 'unexplained'],
    // A historian that starts refuses such a table, so none is killed.
    interruptions: [kill('parser-1')],
    how: { statement: `ALTER TABLE ${table} DEDUP DISABLE` },
  },
];

/** Variables by service, for those that load a bug before their own code. */
export function plantedEnvironment(bugs: readonly PlantedBug[]): Record<string, Record<string, string>> {
  const preloaded = bugs.flatMap(({ name, how }) => {
    if (!('preloadedBy' in how)) return [];
    const module = pathToFileURL(join(import.meta.dirname, 'planted', `${name}.ts`)).href;
    return [[how.preloadedBy, { NODE_OPTIONS: `--import=${module}` }] as const];
  });
  return Object.fromEntries(preloaded);
}

/** The rest, once the stream flows. */
export async function plantInStores(bugs: readonly PlantedBug[], plant: PlantStack): Promise<void> {
  for (const { how } of bugs) if ('statement' in how) await plant.query(how.statement);
}
