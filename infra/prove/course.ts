/** The course of the load: interruption after interruption, until the time or the number of rounds is reached. */
import type { PlantStack } from '../integrity/plant-stack.ts';
import { until } from '../stack/until.ts';
import { Interrupter } from './interrupter.ts';
import { type PlantedBug, plantInStores } from './planted-bugs.ts';
import type { InterruptionResult, Violations } from './proof.ts';
import type { RunParts } from './reconciliation.ts';
import { type Interruption, scheduleOf } from './schedule.ts';

const components = ['kafka', 'questdb', 'redis'];

/** The stream flows: the first interruption may come. */
const rowsAtStart = 500;
const firstRowsMsMax = 60_000;

export interface CourseOptions {
  readonly seed: number;
  /** In a round every process is interrupted once. */
  readonly until: { readonly minutes: number } | { readonly rounds: number };
  /** Bugs that this run is to find: what brings them to light comes instead of the seed's interruptions. */
  readonly planted: readonly PlantedBug[];
}

/** Who shows what it is at: a terminal. */
export interface ProveSteps {
  step<T>(title: string, work: (report: (text: string) => void) => Promise<T>): Promise<T>;
}

/** `stuck` is told when the stream stands still, which ends the course. */
export async function runCourse(
  parts: RunParts,
  options: CourseOptions,
  stuck: Violations,
  steps: ProveSteps,
  signal: AbortSignal,
): Promise<InterruptionResult[]> {
  const { plant, sampler } = parts;
  await steps.step('Waiting for the first rows', async () => {
    const flows = async (): Promise<boolean> => ((await sampler.stored()) ?? 0) >= rowsAtStart;
    if (!(await until(flows, firstRowsMsMax, signal))) stuck.add('No rows came at the start.');
  });
  await plantInStores(options.planted, plant);
  const interrupter = new Interrupter(parts);
  const results: InterruptionResult[] = [];
  for (const interruption of interruptionsOf(options, plant, () => sampler.nowMs)) {
    const title = `${Math.round(sampler.nowMs / 1_000)} s  ${titleOf(interruption)}`;
    const result = await steps.step(title, (report) => interrupter.interrupt(interruption, report, signal));
    results.push(result);
    if (result.backAfterMs !== null) continue;
    stuck.add(`The stream did not go on after ${titleOf(interruption)}.`);
    break;
  }
  return results;
}

function* interruptionsOf(
  { seed, until: end, planted }: CourseOptions,
  { stack }: PlantStack,
  nowMs: () => number,
): Generator<Interruption> {
  if (planted.length > 0) return yield* planted.flatMap(({ interruptions }) => interruptions);
  const services = stack.processes.filter(({ kind }) => kind === 'service');
  const instances = [...Map.groupBy(services, ({ name }) => name).values()];
  const processes = [
    ...instances.map((ofOne) => ofOne.map(({ instance }) => instance)),
    ...components.map((name) => [name]),
  ];
  const schedule = scheduleOf(seed, processes);
  const goesOn = (count: number): boolean =>
    'minutes' in end ? nowMs() < end.minutes * 60_000 : count < end.rounds * processes.length;
  for (let count = 0; goesOn(count); count += 1) yield schedule.next().value;
}

const titleOf = ({ kind, victim, frozenMs }: Interruption): string =>
  kind === 'kill' ? `kill ${victim}` : `freeze ${victim} for ${(frozenMs / 1_000).toFixed(1)} s`;
