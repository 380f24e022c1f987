/**
 * Hands the records of a consumer group to a handler, a partition's part of a fetch at a time, partitions side by side.
 * What the handler settles is committed; what it does not is read again. The rules, each of which kafkajs leaves to its
 * user, are in docs/adr and in the tests: nothing is committed after a rebalance, heartbeats go on while a handler waits,
 * a handler's failure is final, Kafka's is not.
 */
import { MillraceError } from '@millrace/contracts';
import { retrying } from '@millrace/kernel';
import type { Consumer, ConsumerCrashEvent, EachBatchPayload } from 'kafkajs';
import { Assignment } from './assignment.ts';
import { CommitMerger } from './commit-merger.ts';
import { FetchPace } from './fetch-pace.ts';
import { FetchedBatch } from './fetched-batch.ts';
import { Heartbeats } from './heartbeats.ts';
import { isRebalance, reasonOf } from './kafka-errors.ts';
import type { Kafka } from './kafka.ts';
import { levelOfPause, PartitionPauses } from './partition-pauses.ts';
import type { RecordBatch } from './record-batch.ts';
import { startNotice } from './start-level.ts';

export interface BatchConsumerOptions {
  /** `millrace.<service>[.<purpose>]`. */
  readonly groupId: string;
  readonly topics: readonly string[];
  /**
   * Called for one batch at a time of each partition, for up to `concurrency` partitions side by side; the next fetch
   * waits for all of them. Settles what is done, in the batch's order. Throws an error with `retry: 'later'` when
   * something it needs is away: the partition is paused and what is not settled comes again. Any other error is a defect
   * and ends the consumer. A handler that returns has read the whole batch, whatever it settled.
   */
  readonly handle: (batch: RecordBatch) => Promise<void>;
  /** The consumer has ended for good and the process should: it would live on without consuming. */
  readonly onCrash: (error: unknown) => void;
  /** A fetch waits for this many bytes, or `waitMsMax`. Default 1. */
  readonly bytesMin?: number;
  /** Default and maximum 200: stopping waits for it as well. */
  readonly waitMsMax?: number;
  /** A fetch comes this long after the one before, at the earliest, unless there was more to fetch. Default 0, maximum 500. */
  readonly intervalMsMin?: number;
  /** Bytes of a fetch from one broker; memory is a few times this. Default 4 MiB. */
  readonly bytesMax?: number;
  /** Default 12. */
  readonly concurrency?: number;
  /** Leaves out records of transactions that were not committed. Default false. */
  readonly readCommitted?: boolean;
}

const fetchDefaults = {
  bytesMin: 1,
  waitMsMax: 200,
  intervalMsMin: 0,
  bytesMax: 4 * 1024 * 1024,
  concurrency: 12,
  readCommitted: false,
};

/** Stopping waits for a paced fetch as well. */
const intervalMsMax = 500;

/** Record batches are up to 1 MiB; the broker sends one that is larger than this alone. */
const partitionBytesMax = 1024 * 1024;

/** A member that died is noticed after this time. */
const sessionMsMax = 6_000;
/** A member whose handler does not end within this time after the begin of a rebalance is left out. */
const rebalanceMsMax = 10_000;
/** The shortest time between two heartbeats to the broker. */
const heartbeatMs = 500;

const startDelays = { delayMsMin: 100, delayMsMax: 1_000 };

/** How long handlers may finish when the consumer stops, before their signal is aborted. */
const finishMsMax = 5_000;

export class BatchConsumer {
  readonly #kafka: Kafka;
  readonly #options: BatchConsumerOptions & typeof fetchDefaults;
  readonly #consumer: Consumer;
  readonly #heartbeats = new Heartbeats(sessionMsMax);
  readonly #pauses = new PartitionPauses();
  readonly #pace: FetchPace;
  #assignment = new Assignment();
  #commits = new CommitMerger(this.#assignment);
  #joined = false;
  #failure: { readonly error: unknown } | undefined;
  #stopping: Promise<void> | undefined;

  constructor(kafka: Kafka, options: BatchConsumerOptions) {
    this.#kafka = kafka;
    this.#options = { ...fetchDefaults, ...options };
    const { groupId, bytesMin, waitMsMax, intervalMsMin, bytesMax, readCommitted } = this.#options;
    this.#pace = new FetchPace(Math.min(intervalMsMin, intervalMsMax));
    this.#consumer = kafka.newClient().consumer({
      groupId,
      sessionTimeout: sessionMsMax,
      rebalanceTimeout: rebalanceMsMax,
      heartbeatInterval: heartbeatMs,
      minBytes: bytesMin,
      maxWaitTimeInMs: Math.min(waitMsMax, fetchDefaults.waitMsMax),
      maxBytes: bytesMax,
      maxBytesPerPartition: partitionBytesMax,
      readUncommitted: !readCommitted,
      allowAutoTopicCreation: false,
      retry: { initialRetryTime: 200, maxRetryTime: 2_000, retries: 8, restartOnFailure: () => this.#mayRestart() },
    });
  }

  /** Whether the group has given this member its partitions: part of being ready. */
  get joined(): boolean {
    return this.#joined && !this.#assignment.isRevoked;
  }

  /** Resolves when the group was joined, or is tried to; waits for Kafka until `signal`. */
  async start(signal: AbortSignal = new AbortController().signal): Promise<void> {
    const { GROUP_JOIN, HEARTBEAT, CRASH } = this.#consumer.events;
    this.#consumer.on(GROUP_JOIN, () => this.#onJoin());
    this.#consumer.on(HEARTBEAT, () => this.#heartbeats.seen());
    this.#consumer.on(CRASH, (event) => this.#onCrash(event));
    const onRetry = startNotice(this.#kafka, 'A consumer waits for Kafka.', { groupId: this.#options.groupId });
    await retrying(() => this.#subscribe(), { ...startDelays, onRetry }, signal);
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: this.#options.concurrency,
      eachBatch: (payload) => this.#handle(payload),
    });
  }

  /** Fetches no more, lets handlers finish for some seconds, commits what they settled, leaves the group. */
  stop(): Promise<void> {
    return (this.#stopping ??= this.#stop());
  }

  async #subscribe(): Promise<void> {
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topics: [...this.#options.topics], fromBeginning: true });
  }

  async #stop(): Promise<void> {
    const timer = setTimeout(() => this.#assignment.stop(), finishMsMax);
    await this.#consumer.stop();
    clearTimeout(timer);
    this.#assignment.stop();
    this.#pauses.clear();
    this.#joined = false;
    await this.#consumer.disconnect();
  }

  async #handle(payload: EachBatchPayload): Promise<void> {
    const assignment = this.#assignment;
    assignment.throwIfRevoked();
    const batch = new FetchedBatch(payload, assignment, this.#commits);
    this.#pace.begin(batch.isBehind);
    try {
      await this.#handleBatch(batch, assignment);
    } finally {
      await this.#pace.rest(assignment.signal);
    }
  }

  async #handleBatch(batch: FetchedBatch, assignment: Assignment): Promise<void> {
    this.#heartbeats.begin(batch, assignment);
    let thrown: { readonly error: unknown } | undefined;
    try {
      await this.#options.handle(batch);
    } catch (error) {
      thrown = { error };
    } finally {
      this.#heartbeats.end(batch);
    }
    assignment.throwIfRevoked();
    if (thrown) this.#afterThrow(batch, thrown.error);
    else this.#afterReturn(batch);
    await this.#commit(batch);
  }

  #afterReturn(batch: FetchedBatch): void {
    batch.moveOn();
    this.#pauses.reset(batch);
  }

  #afterThrow(batch: FetchedBatch, error: unknown): void {
    batch.stayBehind();
    if (batch.signal.aborted) return;
    if (error instanceof MillraceError && error.retry !== 'never') {
      // Who got on is not in trouble: the pause is a short one again.
      if (batch.settledSome) this.#pauses.reset(batch);
      const delayMs = this.#pauses.pause(batch);
      const fields = {
        topic: batch.topic,
        partition: batch.partition,
        delayMs,
        code: error.code,
        reason: error.message,
      };
      this.#kafka.notify({ level: levelOfPause(error), sentence: 'A partition was paused.', fields });
      return;
    }
    this.#failure ??= { error };
    this.#assignment.stop();
  }

  /** Commits what the handler settled; then ends the consumer if a handler failed. */
  async #commit(batch: FetchedBatch): Promise<void> {
    try {
      await batch.commit();
    } catch (error) {
      if (isRebalance(error)) throw error;
      this.#kafka.notify({
        level: 'warn',
        sentence: 'Offsets were not committed.',
        fields: { reason: reasonOf(error) },
      });
    }
    if (this.#failure) throw new HandlerFailed(this.#failure.error);
  }

  #onJoin(): void {
    this.#assignment.revoke(new Error('The group was joined again.'));
    this.#assignment = new Assignment();
    this.#commits = new CommitMerger(this.#assignment);
    this.#heartbeats.seen();
    this.#joined = true;
    if (this.#stopping) this.#assignment.stop();
  }

  /** Asked by kafkajs after a crash that may be over: Kafka that was away, but never a handler that failed. */
  #mayRestart(): Promise<boolean> {
    return Promise.resolve(!this.#failure && !this.#stopping);
  }

  #onCrash({ payload: { error, restart } }: ConsumerCrashEvent): void {
    this.#joined = false;
    this.#assignment.revoke(error);
    const sentence = restart ? 'A consumer lost Kafka and starts again.' : 'A consumer ended for good.';
    this.#kafka.notify({ level: restart ? 'warn' : 'error', sentence, fields: { reason: reasonOf(error) } });
    if (!restart && !this.#stopping) this.#options.onCrash(this.#failure ? this.#failure.error : error);
  }
}

/** Says to kafkajs that trying again is of no use, also where the handler threw a TypeError or something odd. */
class HandlerFailed extends Error {
  override readonly name = 'HandlerFailed';
  readonly retriable = false;

  constructor(error: unknown) {
    super('The handler failed.', { cause: error });
  }
}
