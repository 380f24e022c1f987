/** Every attack some times, on a few connections with short leases: what it did to connections and messages. */
import { attacks, left } from '../../failover/attacks.ts';
import { FailoverStack } from '../../failover/failover-stack.ts';
import { NumberedSenders } from '../../failover/numbered-senders.ts';
import { attackOnce, type RoundResult } from '../../failover/round.ts';
import { until } from '../../stack/until.ts';
import { Percentiles } from '../percentiles.ts';
import type { FailoverBenchOptions } from './options.ts';

const connections = 24;
const messagesPerSecond = 240;
/** A quarter of the usual one: what is decided by lease times is decided sooner. */
const leaseTtlMs = 1_500;
const startsPerSecond = 50;
const settledMsMax = 60_000;
/** Within a round: long enough for a failover. The long stop is a round of its own. */
const shortStopSeconds = 5;

export interface AttackFigures {
  readonly attack: string;
  readonly rounds: number;
  readonly moved: number;
  readonly takeoverMs: Spread;
  readonly outageMs: Spread;
  readonly opensMax: number;
  readonly published: number;
  readonly lost: number;
  readonly overlapping: number;
  readonly staleRefused: number;
  readonly duplicates: number;
  readonly faults: readonly string[];
}

/** NaN where nothing was measured. */
export interface Spread {
  readonly p50: number;
  readonly p99: number;
}

export interface AttacksReport {
  readonly connections: number;
  readonly messagesPerSecond: number;
  readonly leaseTtlMs: number;
  readonly attacks: readonly AttackFigures[];
  /** At the end, of everything that was published. */
  readonly published: number;
  readonly lost: number;
  readonly overlapping: number;
}

export async function measureAttacks(
  { rounds, instances, parserStopSeconds }: FailoverBenchOptions,
  signal: AbortSignal,
  progress: (text: string) => void,
): Promise<AttacksReport> {
  const options = { instances, connections, leaseTtlMs, startsPerSecond, signal, report: progress };
  const plant = await FailoverStack.start(options);
  const stopSending = new AbortController();
  try {
    await plant.createAll(signal);
    await plant.settled(settledMsMax, signal);
    const senders = new NumberedSenders(
      plant.connections.map(({ device }) => device),
      messagesPerSecond,
    );
    const sending = senders.run(AbortSignal.any([signal, stopSending.signal]));
    const results: RoundResult[] = [];
    const kinds = Array.from({ length: rounds }, () => attacks(shortStopSeconds)).flat();
    const long = parserStopSeconds > 0 ? attacks(parserStopSeconds).slice(-1) : [];
    const all = [...kinds, ...long];
    for (const [index, attack] of all.entries()) {
      const victim = attack === left ? plant.instances.at(-1)! : plant.instances[index % instances]!;
      progress(`${index + 1} of ${all.length}: ${attack.name}`);
      results.push(await attackOnce(plant, senders, attack, victim, signal));
    }
    stopSending.abort();
    await sending;
    const isWhole = (): boolean => {
      const { lost, pending } = plant.witness.findings(senders.published);
      return lost.length === 0 && pending === 0;
    };
    await until(isWhole, settledMsMax, signal);
    const { published, lost, overlapping } = plant.witness.findings(senders.published);
    return {
      connections,
      messagesPerSecond,
      leaseTtlMs,
      attacks: [...new Set(all.map(({ name }) => name))].map((name) => figuresOf(name, results)),
      published,
      lost: lost.length,
      overlapping: overlapping.length,
    };
  } finally {
    stopSending.abort();
    await plant.stop();
  }
}

function figuresOf(attack: string, results: readonly RoundResult[]): AttackFigures {
  const rounds = results.filter((one) => one.attack === attack);
  const sum = (figure: (one: RoundResult) => number): number => rounds.reduce((total, one) => total + figure(one), 0);
  return {
    attack,
    rounds: rounds.length,
    moved: sum(({ moved }) => moved),
    takeoverMs: spreadOf(rounds.flatMap(({ takeoverMs }) => takeoverMs)),
    outageMs: spreadOf(rounds.flatMap(({ outageMs }) => outageMs)),
    opensMax: Math.max(0, ...rounds.map(({ opensMax }) => opensMax)),
    published: sum(({ published }) => published),
    lost: sum(({ lost }) => lost),
    overlapping: Math.max(0, ...rounds.map(({ overlapping }) => overlapping)),
    staleRefused: sum(({ staleRefused }) => staleRefused),
    duplicates: sum(({ duplicates }) => duplicates),
    faults: rounds.flatMap(({ faults }) => faults),
  };
}

export function spreadOf(values: readonly number[]): Spread {
  const percentiles = new Percentiles();
  for (const value of values) percentiles.add(value);
  return { p50: percentiles.at(0.5), p99: percentiles.at(0.99) };
}
