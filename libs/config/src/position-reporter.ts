/**
 * Says in `config.positions.v1` how far this instance has applied the configuration: when it begins, when it moved, and now and
 * then as a sign of life; when it stops, it takes its record back. One that died leaves it: readers take an instance that has
 * not reported for `goneMs` for gone.
 */
import { isDeepStrictEqual } from 'node:util';
import { type ConfigurationPosition, topics } from '@millrace/contracts';
import type { AvroCodec, RecordProducer } from '@millrace/kafka';
import { backoff, type Clock, type WorkInProgress } from '@millrace/kernel';
import type { FollowedConfiguration } from './follow.ts';

export interface PositionReporterParts {
  readonly service: string;
  readonly instance: string;
  readonly followed: Pick<FollowedConfiguration, 'offsets' | 'moved'>;
  readonly producer: Pick<RecordProducer, 'send'>;
  readonly codec: Pick<AvroCodec<ConfigurationPosition>, 'encode'>;
  /** Everything that is decided by the configuration and takes a while. */
  readonly work: Pick<WorkInProgress, 'isIdle' | 'ended'>;
  readonly clock: Clock;
  /** A report was not written and is tried again. */
  readonly onFailure: (error: unknown) => void;
}

/** Three reports may be lost, or clocks differ by a minute, before a living instance is taken for gone. */
export const goneMs = 90_000;
const signOfLifeMs = 30_000;

/** One publication writes to several topics, a few milliseconds apart: it shall be one report. */
const settleMs = 20;
/** As long as the configuration keeps moving, four reports a second. */
const reportMsMin = 250;

const retryDelays = { delayMsMin: 500, delayMsMax: 10_000 };
/** Stopping does not wait for a Kafka that is away. */
const stopMsMax = 2_000;

export class PositionReporter {
  readonly #parts: PositionReporterParts;
  readonly #stopping = new AbortController();
  #reporting: Promise<void> | undefined;
  /** What nothing that began before it is at work any more. */
  #settled: ReadonlyMap<string, bigint> = new Map();
  #settledNow = Promise.withResolvers<void>();

  constructor(parts: PositionReporterParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#reporting ??= this.#keepReporting();
  }

  /** Resolves when the record was taken back, or that failed. Call it while the producer is open. */
  async stop(): Promise<void> {
    if (!this.#reporting) return;
    this.#stopping.abort(new Error('The service stops.'));
    await this.#reporting;
    await this.#write(null, AbortSignal.timeout(stopMsMax)).catch(this.#parts.onFailure);
  }

  async #keepReporting(): Promise<void> {
    const { signal } = this.#stopping;
    const { clock, onFailure } = this.#parts;
    const delays = backoff(retryDelays);
    while (!signal.aborted) {
      try {
        await this.#reportAndRest(signal);
        delays.reset();
      } catch (error) {
        if (signal.aborted) return;
        onFailure(error);
        await clock.sleep(delays.next(), signal).catch(() => undefined);
      }
    }
  }

  /** Resolves when the next report is due. */
  async #reportAndRest(signal: AbortSignal): Promise<void> {
    const { followed, clock } = this.#parts;
    const offsets = followed.offsets();
    this.#settle(offsets);
    this.#settledNow = Promise.withResolvers();
    await this.#write(offsets, signal);
    await clock.sleep(reportMsMin, signal);
    const rest = new AbortController();
    const resting = AbortSignal.any([signal, rest.signal]);
    try {
      await Promise.race([
        followed.moved(offsets, resting),
        this.#settledNow.promise,
        clock.sleep(signOfLifeMs - reportMsMin, resting),
      ]);
    } finally {
      rest.abort();
    }
    await clock.sleep(settleMs, signal);
  }

  /** What is running now may still go by what was before `offsets`. */
  #settle(offsets: ReadonlyMap<string, bigint>): void {
    const { work } = this.#parts;
    if (isDeepStrictEqual(offsets, this.#settled)) return;
    const settled = (): void => {
      this.#settled = offsets;
      this.#settledNow.resolve();
    };
    if (work.isIdle) settled();
    else void work.ended().then(settled);
  }

  async #write(offsets: ReadonlyMap<string, bigint> | null, signal: AbortSignal): Promise<void> {
    const { service, instance, producer, codec, clock } = this.#parts;
    const position = offsets && {
      service,
      instance,
      reportedAtMicros: Math.floor(clock.nowMs() * 1000),
      offsets: recordOf(offsets),
      settledOffsets: recordOf(this.#settled),
    };
    const value = position && codec.encode(position);
    await producer.send(
      [{ topic: topics.configPositions.name, partition: 0, key: `${service}/${instance}`, value }],
      signal,
    );
  }
}

function recordOf(offsets: ReadonlyMap<string, bigint>): Record<string, number> {
  return Object.fromEntries([...offsets].map(([topic, offset]) => [topic, Number(offset)]));
}
