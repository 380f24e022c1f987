/** Many connections over some instances with the usual leases: created, balanced, and taken over when one instance dies. */
import { setTimeout as sleep } from 'node:timers/promises';
import { FailoverStack } from '../../failover/failover-stack.ts';
import { NumberedSenders } from '../../failover/numbered-senders.ts';
import { until } from '../../stack/until.ts';
import { readProcessTree, usageOf } from '../process-usage.ts';
import { type Spread, spreadOf } from './measure-attacks.ts';
import type { FailoverBenchOptions } from './options.ts';

/** The defaults of the client manager. */
const leaseTtlMs = 6_000;
const startsPerSecond = 50;
const messagesPerSecond = 200;
const settledMsMax = 300_000;
/** Until what creating needed has been given back. */
const restMs = 15_000;

export interface FleetReport {
  readonly connections: number;
  readonly instances: number;
  readonly leaseTtlMs: number;
  readonly startsPerSecond: number;
  /** Until the last one was created. */
  readonly creationSeconds: number;
  readonly createMs: Spread;
  /** From the beginning of creation until all are connected and balanced. */
  readonly settledSeconds: number;
  readonly loads: readonly number[];
  /** Of all instances, before the first connection and with all of them. */
  readonly residentMiBBefore: number;
  readonly residentMiBAfter: number;
  readonly kibPerConnection: number;
  readonly failover: {
    readonly connections: number;
    /** From the kill until all of them have a new owner that is connected, and sends. */
    readonly seconds: number;
    readonly takeoverMs: Spread;
    /** Until the instance is back and the loads are even again. */
    readonly balancedSeconds: number;
    readonly published: number;
    readonly lost: number;
    readonly overlapping: number;
    readonly duplicates: number;
  };
}

export async function measureFleet(
  { connections, instances }: FailoverBenchOptions,
  signal: AbortSignal,
  progress: (text: string) => void,
): Promise<FleetReport> {
  const options = { instances, connections, leaseTtlMs, startsPerSecond, signal, report: progress };
  const plant = await FailoverStack.start(options);
  const stopSending = new AbortController();
  try {
    const residentMiBBefore = residentOf(plant);
    progress(`creating ${connections} connections`);
    const startedMs = performance.now();
    const createMs = await plant.createAll(signal);
    const creationSeconds = secondsSince(startedMs);
    await plant.settled(settledMsMax, signal);
    const settledSeconds = secondsSince(startedMs);
    const loads = (await plant.managers.instances(plant.instances[0]!)).map(({ load }) => load);
    const senders = new NumberedSenders(
      plant.connections.map(({ device }) => device),
      messagesPerSecond,
    );
    const sending = senders.run(AbortSignal.any([signal, stopSending.signal]));
    await sleep(Math.max(restMs, (2_000 * connections) / messagesPerSecond), undefined, { signal });
    const residentMiBAfter = residentOf(plant);
    progress('killing an instance');
    const failover = await failOver(plant, senders, signal);
    stopSending.abort();
    await sending;
    await until(() => plant.witness.findings(senders.published).lost.length === 0, settledMsMax, signal, 500);
    const { published, lost, overlapping, duplicates } = plant.witness.findings(senders.published);
    return {
      connections,
      instances,
      leaseTtlMs,
      startsPerSecond,
      creationSeconds,
      createMs: spreadOf(createMs),
      settledSeconds,
      loads,
      residentMiBBefore,
      residentMiBAfter,
      kibPerConnection: ((residentMiBAfter - residentMiBBefore) * 1_024) / connections,
      failover: { ...failover, published, lost: lost.length, overlapping: overlapping.length, duplicates },
    };
  } finally {
    stopSending.abort();
    await plant.stop();
  }
}

async function failOver(
  plant: FailoverStack,
  senders: NumberedSenders,
  signal: AbortSignal,
): Promise<Pick<FleetReport['failover'], 'connections' | 'seconds' | 'takeoverMs' | 'balancedSeconds'>> {
  const victim = plant.instances[0]!;
  const hit = [...(await plant.owners())].filter(([, owner]) => owner === victim).map(([key]) => key);
  const before = new Map(hit.map((key) => [key, plant.witness.newestEpoch(key)]));
  const startedMs = performance.now();
  const startedAtMs = Date.now();
  await plant.stack.kill(victim);
  const firsts = (): (number | undefined)[] => hit.map((key) => plant.witness.firstAfter(key, before.get(key)!));
  if (!(await until(() => firsts().every((at) => at !== undefined), settledMsMax, signal, 200)))
    throw new Error(`Of ${hit.length} connections ${firsts().filter((at) => at === undefined).length} did not move.`);
  const takeovers = firsts().map((at) => at! - startedAtMs);
  await plant.settled(settledMsMax, signal);
  return {
    connections: hit.length,
    seconds: Math.max(0, ...takeovers) / 1_000,
    takeoverMs: spreadOf(takeovers),
    balancedSeconds: secondsSince(startedMs),
  };
}

function residentOf({ stack }: FailoverStack): number {
  const tree = readProcessTree();
  return stack.processes
    .filter(({ name }) => name === 'client-manager')
    .reduce((sum, { pid }) => sum + (pid === null ? 0 : usageOf(pid, tree).residentMiB), 0);
}

const secondsSince = (startedMs: number): number => (performance.now() - startedMs) / 1_000;
