/** The simulation of leases over many seeds, with its figures. Needs no stack. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { simulate } from '../../../libs/leases/src/testing/simulation/simulation.ts';
import { dangerousBranches } from '../../../libs/leases/src/testing/simulation/tally.ts';

export interface SimulationOptions {
  /** How many. */
  readonly seeds: number;
  readonly from: number;
}

export interface SimulationReport {
  readonly from: number;
  /** That were simulated: less than asked for when it was aborted. */
  readonly seeds: number;
  readonly seconds: number;
  /** Each can be had again: `simulateLeases({ seeds: 1, from: seed })`. */
  readonly violations: readonly { readonly seed: number; readonly violation: string }[];
  /** How often each was taken. */
  readonly branches: Readonly<Record<string, number>>;
  /** Without them the simulation says too little. */
  readonly branchesNeverTaken: readonly string[];
  /** From the end of closing to the begin elsewhere, the longest without faults, as a share of the ttl. */
  readonly handOverTtlsMax: number;
}

/** What is kept of seeds that fail: the first are enough to begin with. */
const violationsMax = 100;
/** Between looks at the signal: about 0.1 s. */
const seedsPerTurn = 25;
const progressMs = 1_000;

export async function simulateLeases(
  { seeds, from }: SimulationOptions,
  signal: AbortSignal,
  progress: (text: string) => void,
): Promise<SimulationReport> {
  const begunMs = performance.now();
  const branches = new Map<string, number>(dangerousBranches.map((branch) => [branch, 0]));
  const violations: { seed: number; violation: string }[] = [];
  let handOverTtlsMax = 0;
  let toldMs = begunMs;
  let done = 0;
  for (; done < seeds && !signal.aborted; done += 1) {
    const course = simulate(from + done);
    for (const [branch, count] of course.branches) branches.set(branch, (branches.get(branch) ?? 0) + count);
    const { seed, violation } = course;
    if (violation !== undefined && violations.length < violationsMax) violations.push({ seed, violation });
    handOverTtlsMax = Math.max(handOverTtlsMax, course.handOverTtlsMax);
    if (done % seedsPerTurn !== 0) continue;
    await nextTurn();
    if (performance.now() - toldMs < progressMs) continue;
    toldMs = performance.now();
    progress(`Leases: ${done} of ${seeds} seeds simulated, ${violations.length} violations.`);
  }
  return {
    from,
    seeds: done,
    seconds: (performance.now() - begunMs) / 1_000,
    violations,
    branches: Object.fromEntries([...branches].toSorted(([one], [other]) => (one < other ? -1 : 1))),
    branchesNeverTaken: dangerousBranches.filter((branch) => branches.get(branch) === 0),
    handOverTtlsMax,
  };
}
