/**
 * The state of the whole flow: counters, rates, lag, and what does not answer. Looked at while somebody asks and at most once a
 * second, however many ask; a part that hangs makes its own place empty and nobody wait.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { topics } from '@millrace/contracts';
import type { GroupTopic } from '@millrace/kafka';
import type { Clock } from '@millrace/kernel';
import type { AccountingReport } from '@millrace/observe';
import type { z } from 'zod';
import { type SummedHop, sumOf } from './accounting-sum.ts';
import { FlowRates } from './flow-rates.ts';
import type { flowAnswer } from './flow-answers.ts';
import { reportOf, waitingReasonsOf } from './service-answers.ts';

export type Flow = z.infer<typeof flowAnswer>;

const lookMsMin = 1_000;
/** A part that takes longer does not answer, as far as a person who looks is concerned. */
const answerMsMax = 1_500;
/** Asking Kafka costs a connection. */
const lagMsMin = 2_000;
/** An answer about lag that is older is none. */
const lagMsMax = 6_000;
/** A new answer that takes longer is left for the next look. */
const lagPatienceMs = 300;

/** Who reads what, under the groups that the services have unless they are told otherwise. */
export const consumers = [
  { service: 'parser', groupId: 'millrace.parser', topic: topics.raw.name },
  { service: 'parser', groupId: 'millrace.parser.parked', topic: topics.parked.name },
  { service: 'historian', groupId: 'millrace.historian', topic: topics.points.name },
  { service: 'historian', groupId: 'millrace.historian.alarm-events', topic: topics.alarmEvents.name },
  { service: 'historian', groupId: 'millrace.historian.statistic-results', topic: topics.statisticResults.name },
  { service: 'alarm-evaluator', groupId: 'millrace.alarm-evaluator', topic: topics.points.name },
  { service: 'notifier', groupId: 'millrace.notifier', topic: topics.alarmEvents.name },
] as const satisfies readonly (GroupTopic & { readonly service: string })[];

/** Written in transactions: behind the last record stands a marker, which nobody reads. */
const transactional: ReadonlySet<string> = new Set([topics.alarmEvents.name]);

/** Rejects when the store does not answer. */
export type Probe = (signal: AbortSignal) => Promise<unknown>;

export interface FlowWatchOptions {
  readonly addresses: readonly string[];
  /** How far each group is behind, by partition; see `offsetsBehind`. */
  readonly behind: (groups: readonly GroupTopic[]) => Promise<readonly ReadonlyMap<number, bigint>[]>;
  /** Other stores by name. */
  readonly probes: Readonly<Record<'QuestDB' | 'Redis', Probe>>;
  readonly clock: Clock;
}

interface Looked {
  readonly report: AccountingReport | undefined;
  readonly reasons: readonly string[] | undefined;
}

export class FlowWatch {
  readonly #options: FlowWatchOptions;
  readonly #rates = new FlowRates();
  /** By address: one that does not answer now is still known by the name it had. */
  readonly #names = new Map<string, string>();
  #look: { readonly atMs: number; readonly flow: Promise<Flow> } | undefined;
  #lags: Flow['lags'] | undefined;
  /** When Kafka was asked what it answered last, or was asked first. */
  #kafkaHeardMs: number | undefined;
  #lagsAskedAtMs = -Infinity;
  #lagsAnswered: Promise<void> | undefined;

  constructor(options: FlowWatchOptions) {
    this.#options = options;
  }

  /** Never rejects: what is not known says so. */
  current(): Promise<Flow> {
    const nowMs = this.#options.clock.monotonicMs();
    if (!this.#look || nowMs - this.#look.atMs >= lookMsMin) this.#look = { atMs: nowMs, flow: this.#lookNow() };
    return this.#look.flow;
  }

  async #lookNow(): Promise<Flow> {
    const { addresses, clock } = this.#options;
    const [looked, stores, lags] = await Promise.all([
      Promise.all(addresses.map((address) => this.#ask(address))),
      this.#stores(),
      this.#lagsNow(),
    ]);
    const reports = looked.flatMap(({ report }) => report ?? []);
    this.#rates.add(clock.monotonicMs(), reports);
    return {
      at: new Date(clock.nowMs()).toISOString(),
      services: this.#services(looked),
      hops: sumOf(reports).map((hop) => this.#hop(hop)),
      lags,
      stores: [{ name: 'Kafka', answers: this.#hearsKafka(clock.monotonicMs()) }, ...stores],
    };
  }

  async #ask(address: string): Promise<Looked> {
    const [report, reasons] = await Promise.all([
      reportOf(address, answerMsMax),
      waitingReasonsOf(address, answerMsMax),
    ]);
    if (report) this.#names.set(address, report.service);
    return { report, reasons };
  }

  #services(looked: readonly Looked[]): Flow['services'] {
    const services = new Map<string, { instances: number; answering: number; waiting: Set<string> }>();
    for (const [index, { report, reasons }] of looked.entries()) {
      const name = this.#names.get(this.#options.addresses[index] ?? '') ?? 'unknown';
      const service = services.get(name) ?? { instances: 0, answering: 0, waiting: new Set() };
      services.set(name, service);
      service.instances += 1;
      if (report) service.answering += 1;
      for (const reason of (report && reasons) ?? []) service.waiting.add(reason);
    }
    return [...services].map(([service, { waiting, ...rest }]) => ({ service, ...rest, waiting: [...waiting] }));
  }

  #hop({
    service,
    hop,
    in: taken,
    out,
    rejected,
    deadLettered,
    parked,
    repeated,
    inFlight,
  }: SummedHop): Flow['hops'][0] {
    const rate = this.#rates.rateOf(service, hop);
    return {
      service,
      hop,
      inPerSecond: rate?.in ?? null,
      outPerSecond: rate?.out ?? null,
      in: taken,
      out,
      rejected: Object.values(rejected).reduce((sum, messages) => sum + messages, 0),
      deadLettered,
      parked,
      repeated,
      inFlight,
    };
  }

  async #stores(): Promise<Flow['stores']> {
    const asked = Object.entries(this.#options.probes).map(async ([name, probe]) => ({
      name: name as keyof FlowWatchOptions['probes'],
      answers: await probe(AbortSignal.timeout(answerMsMax)).then(
        () => true,
        () => false,
      ),
    }));
    return Promise.all(asked);
  }

  /** Null: not known, because Kafka has not answered yet or not for long. */
  async #lagsNow(): Promise<Flow['lags']> {
    const nowMs = this.#options.clock.monotonicMs();
    this.#kafkaHeardMs ??= nowMs;
    if (nowMs - this.#lagsAskedAtMs >= lagMsMin && !this.#lagsAnswered) {
      this.#lagsAskedAtMs = nowMs;
      this.#lagsAnswered = this.#askLags(nowMs).finally(() => (this.#lagsAnswered = undefined));
    }
    await Promise.race([this.#lagsAnswered, sleep(lagPatienceMs)]);
    return this.#hearsKafka(nowMs) ? (this.#lags ?? null) : null;
  }

  /** The first question gets the same time as an outage: the answer to it takes a second or two. */
  #hearsKafka(nowMs: number): boolean {
    return nowMs - (this.#kafkaHeardMs ?? nowMs) < lagMsMax;
  }

  async #askLags(atMs: number): Promise<void> {
    try {
      const behind = await this.#options.behind(consumers);
      this.#lags = consumers.map(({ service, topic }, index) => lagOf(service, topic, behind[index]));
      this.#kafkaHeardMs = atMs;
    } catch {
      // The last answer stays until it is too old.
    }
  }
}

function lagOf(service: string, topic: string, behind: ReadonlyMap<number, bigint> = new Map()) {
  const marker = transactional.has(topic) ? 1 : 0;
  const records = [...behind.values()].reduce((sum, offsets) => sum + Math.max(0, Number(offsets) - marker), 0);
  return { service, topic, records };
}
