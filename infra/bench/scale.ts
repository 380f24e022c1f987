/** `./millrace bench --scale`: the standard load on one, two and three instances of each service that works by partitions. */
import { setTimeout as sleep } from 'node:timers/promises';
import { topics } from '@millrace/contracts';
import { type Stack } from '../stack/index.ts';
import { instanceLoads } from '../stack/instance-load.ts';
import { type BenchStack } from './bench-stack.ts';
import { LoadChild } from './load-child.ts';
import { type BenchOptions } from './options.ts';
import { ProcessCosts, watchedOf } from './process-costs.ts';
import { queryNumber } from './questdb-query.ts';
import { type InstanceShare, type ScaleReport, type ScaleStep } from './scale-report.ts';
import { drained, table } from './stored.ts';
import { standardLoad } from './standard-load.ts';

const steps = [1, 2, 3];

/** Services that share their work by partitions, and the topic of which. */
const scaled = {
  parser: topics.raw.name,
  historian: topics.points.name,
  'alarm-evaluator': topics.points.name,
} as const;

/** The warm-up is that of each step: instances that were just started compile. */
export async function measureScale(
  options: BenchOptions,
  { stack, gateway, apiKeys }: BenchStack,
  signal: AbortSignal,
  progress: (text: string) => void,
): Promise<ScaleReport> {
  const messagesPerSecond = options.pointsPerSecond / standardLoad.pointsPerMessage;
  const url = options.kind === 'http' ? gateway : stack.address('mosquitto');
  const load = new LoadChild({ kind: options.kind, url, apiKeys, messagesPerSecond });
  try {
    const measured: ScaleStep[] = [];
    for (const instances of steps) {
      await stack.scale(countsOf(instances), progress, signal);
      progress(`${instances} instances: warming up for ${options.warmUpSeconds} s`);
      await sleep(options.warmUpSeconds * 1_000, undefined, { signal });
      progress(`${instances} instances: measuring for ${options.seconds} s`);
      measured.push(await measureStep(instances, options, stack, load, signal));
    }
    const sent = (await load.stop()).accepted * standardLoad.pointsPerMessage;
    progress('waiting for the last points');
    const { pointsStored, pointsLost, pointsDuplicate } = await drained(stack.address('questdb'), sent, signal);
    return { load: options.kind, steps: measured, pointsSent: sent, pointsStored, pointsLost, pointsDuplicate };
  } finally {
    load.kill();
  }
}

async function measureStep(
  instances: number,
  options: BenchOptions,
  stack: Stack,
  load: LoadChild,
  signal: AbortSignal,
): Promise<ScaleStep> {
  const before = await soFar(stack, load);
  const costs = new ProcessCosts([...watchedOf(stack.processes), { name: 'generator', pid: load.pid }]);
  await sleep(options.seconds * 1_000, undefined, { signal });
  const after = await soFar(stack, load);
  const seconds = (after.atMs - before.atMs) / 1_000;
  const points = after.stored - before.stored;
  const processes = costs.costs(points);
  return {
    instances,
    seconds,
    pointsAcceptedPerSecond: (after.accepted - before.accepted) / seconds,
    pointsStoredPerSecond: points / seconds,
    microsPerPoint: processes.filter(({ counted }) => counted).reduce((sum, one) => sum + one.microsPerPoint, 0),
    lagPoints: Math.max(0, after.accepted - after.stored),
    shares: sharesOf(before.loads, after.loads),
  };
}

/** Both counts in the moment in which the generator tells its own: that is how far one is behind the other. */
async function soFar(stack: Stack, load: LoadChild) {
  const loads = await loadsOf(stack);
  const accepted = (await load.next()).accepted * standardLoad.pointsPerMessage;
  const stored = await queryNumber(stack.address('questdb'), `SELECT count() FROM ${table}`);
  return { loads, accepted, stored, atMs: performance.now() };
}

type Loads = Awaited<ReturnType<typeof loadsOf>>;

const loadsOf = async (stack: Stack) =>
  Promise.all(
    Object.entries(scaled).map(async ([service, topic]) => ({
      service,
      instances: await instanceLoads(stack, service, topic),
    })),
  );

/** Which part of its service's messages each instance handed on. */
function sharesOf(before: Loads, after: Loads): InstanceShare[] {
  return after.flatMap(({ service, instances }, index) => {
    const earlier = before[index]?.instances ?? [];
    const outs = instances.map(
      ({ instance, out }) => out - (earlier.find((one) => one.instance === instance)?.out ?? 0),
    );
    const sum = Math.max(
      1,
      outs.reduce((one, other) => one + other, 0),
    );
    return instances.map(({ instance, partitions }, at) => ({
      service,
      instance,
      partitions: partitions.length,
      share: (outs[at] ?? 0) / sum,
    }));
  });
}

const countsOf = (instances: number): Record<string, number> =>
  Object.fromEntries(Object.keys(scaled).map((service) => [service, instances]));
