/**
 * How the processes of an installation keep to one limit together: each says once a second what it takes, hears what the others take, and
 * divides the limits by that. Nobody is asked while a message waits. Nothing is said while no tenant with a limit sends.
 */
import { randomUUID } from 'node:crypto';
import { asMillraceError, type QuotaUsage, type TenantUse, topics } from '@millrace/contracts';
import {
  type ConsumedRecord,
  followEnd,
  type Kafka,
  type RecordProducer,
  type Registry,
  type TopicFollower,
} from '@millrace/kafka';
import { type Clock, Rounds } from '@millrace/kernel';
import type { RateQuota } from './rate-quota.ts';

export const intervalMs = 1_000;
/** A process that was not heard for so long is gone, or takes nothing. */
const heardMsMax = 3 * intervalMs;
/** About a record's half; tenants beyond are not told, and so each process gives them the whole limit. */
const usesMax = 10_000;

/** How reports travel; Kafka in a service. */
export interface UsageBus {
  /** Resolves when it was said, rejects when it could not be. */
  say(report: QuotaUsage, signal: AbortSignal): Promise<unknown>;
}

export class UsageExchange {
  readonly #reporter = randomUUID();
  readonly #quota: RateQuota;
  readonly #bus: UsageBus;
  readonly #clock: Clock;
  readonly #heard = new Map<string, { readonly atMs: number; readonly uses: readonly TenantUse[] }>();
  readonly #rounds: Rounds;
  #saying: Promise<unknown> | undefined;
  #saidAny = false;

  constructor(quota: RateQuota, bus: UsageBus, clock: Clock) {
    this.#quota = quota;
    this.#bus = bus;
    this.#clock = clock;
    this.#rounds = new Rounds({ pauseMs: intervalMs, clock, round: (signal) => this.#exchange(signal) });
  }

  start(): void {
    this.#rounds.start();
  }

  async stop(): Promise<void> {
    await this.#rounds.stop();
    await this.#saying;
  }

  /** What another process says; its own words are left out. */
  hear({ reporter, quota, uses }: QuotaUsage): void {
    if (reporter === this.#reporter || quota !== this.#quota.name) return;
    this.#heard.set(reporter, { atMs: this.#clock.monotonicMs(), uses });
  }

  #exchange(signal: AbortSignal): void {
    this.#say(this.#quota.measure(intervalMs), signal);
    this.#quota.share(this.#takenByOthers());
  }

  /** What cannot be said while Kafka is away is not said later: nothing can be taken then either. */
  #say(uses: readonly TenantUse[], signal: AbortSignal): void {
    if (this.#saying || (uses.length === 0 && !this.#saidAny)) return;
    this.#saidAny = uses.length > 0;
    const report = { reporter: this.#reporter, quota: this.#quota.name, uses: uses.slice(0, usesMax) };
    this.#saying = this.#bus
      .say(report, signal)
      .catch(() => undefined)
      .finally(() => (this.#saying = undefined));
  }

  #takenByOthers(): ReadonlyMap<string, readonly number[]> {
    const nowMs = this.#clock.monotonicMs();
    const taken = new Map<string, number[]>();
    for (const [reporter, { atMs, uses }] of this.#heard) {
      if (nowMs - atMs > heardMsMax) this.#heard.delete(reporter);
      else
        for (const { tenant, perSecond } of uses) {
          const ofTenant = taken.get(tenant);
          if (ofTenant) ofTenant.push(perSecond ?? Infinity);
          else taken.set(tenant, [perSecond ?? Infinity]);
        }
    }
    return taken;
  }
}

export interface UsageParts {
  readonly kafka: Kafka;
  readonly registry: Registry;
  readonly producer: Pick<RecordProducer, 'send'>;
  readonly clock: Clock;
}

/** Over Kafka, begun; `close` ends it. Waits for Kafka and the registry until the signal. */
export async function exchangeUsage(
  quota: RateQuota,
  { kafka, registry, producer, clock }: UsageParts,
  signal: AbortSignal,
): Promise<{ close(): Promise<void> }> {
  const topic = topics.quotaUsage;
  const codec = await registry.codec<QuotaUsage>(topic, signal);
  const bus: UsageBus = {
    say: (report, until) =>
      producer.send([{ topic: topic.name, partition: 0, key: report.reporter, value: codec.encode(report) }], until),
  };
  const exchange = new UsageExchange(quota, bus, clock);
  const hear = ({ value, offset }: ConsumedRecord): void => {
    try {
      if (value) exchange.hear(codec.decode(value));
    } catch (error) {
      const fields = { topic: topic.name, partition: 0, offset, code: asMillraceError(error).code };
      kafka.notify({ level: 'error', sentence: 'A report of quotas was left out.', fields });
    }
  };
  const onRecords = async (_topic: string, _partition: number, records: readonly ConsumedRecord[]): Promise<void> => {
    await registry.prepare(records);
    records.forEach(hear);
  };
  const follower: TopicFollower = await followEnd(kafka, [{ topic: topic.name }], onRecords, signal);
  exchange.start();
  return {
    async close() {
      await exchange.stop();
      await follower.close();
    },
  };
}
