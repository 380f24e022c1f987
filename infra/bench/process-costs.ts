/** What each process of the stack used between two moments. */
import type { ProcessStatus } from '../stack/index.ts';
import { readProcessTree, usageOf, type Usage } from './process-usage.ts';
import type { ProcessCost } from './report.ts';

/** The goal is for our services, Kafka and QuestDB; these are shown, but not part of its sum. */
const notCounted: readonly string[] = ['redis', 'postgres', 'registry', 'mosquitto', 'mail', 'generator'];

export interface Watched {
  readonly name: string;
  readonly pid: number;
}

export class ProcessCosts {
  readonly #watched: readonly Watched[];
  readonly #before: ReadonlyMap<number, Usage>;

  /** The count begins now. */
  constructor(watched: readonly Watched[]) {
    this.#watched = watched;
    this.#before = usagesOf(watched);
  }

  /** Costs since the beginning, for `points` points. */
  costs(points: number): ProcessCost[] {
    const now = usagesOf(this.#watched);
    return this.#watched.map(({ name, pid }) => {
      const cpuSeconds = (now.get(pid)?.cpuSeconds ?? 0) - (this.#before.get(pid)?.cpuSeconds ?? 0);
      const microsPerPoint = (cpuSeconds * 1e6) / Math.max(1, points);
      return {
        name,
        cpuSeconds,
        microsPerPoint,
        peakMiB: now.get(pid)?.peakMiB ?? 0,
        counted: !notCounted.includes(name),
      };
    });
  }
}

export function watchedOf(processes: readonly ProcessStatus[]): Watched[] {
  return processes.flatMap(({ instance, name, pid }) =>
    pid === null ? [] : [{ name: instance.endsWith('-1') || instance === name ? name : instance, pid }],
  );
}

function usagesOf(watched: readonly Watched[]): Map<number, Usage> {
  const tree = readProcessTree();
  return new Map(watched.map(({ pid }) => [pid, usageOf(pid, tree)]));
}
