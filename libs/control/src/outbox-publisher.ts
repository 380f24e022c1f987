/**
 * Takes changes from the outbox to where everybody reads them: each once, in the order in which they were committed. One
 * process publishes at a time; the log itself keeps how far it is, together with the changes, so that a crash at any point
 * repeats nothing and forgets nothing.
 */
import { type Clock, retrying } from '@millrace/kernel';
import type { Database } from './database.ts';
import { lead, type Leadership } from './leader.ts';
import { entityName, type Outbox, outboxChannel, type OutboxChange } from './outbox.ts';
import type { ResourceName } from './tables.ts';

/** Where a log is, by the positions of one database. */
export interface LogPosition {
  readonly epoch: string;
  readonly position: bigint;
}

/** What is published to: topics of Kafka, opened by one writer at a time. */
export interface ChangeLog {
  /** How far it is; undefined: nothing of ours is there, or not all of it any more. */
  readonly position: LogPosition | undefined;
  /**
   * Writes changes and the position behind them, all or nothing. Gives by topic the offset of its last record. Throws when
   * another writer has come, and when it is not known whether they were written: then it has to be opened again.
   */
  append(changes: readonly OutboxChange[], epoch: string): Promise<ReadonlyMap<string, bigint>>;
  /** Tells readers where the records of `append` end, once it can be asked what belongs to a position. */
  announce(offsets: ReadonlyMap<string, bigint>): Promise<void>;
  /** Deletes what is on the topics and not known. */
  retain(isKnown: (kind: ResourceName, tenant: string, id: string) => boolean, at: LogPosition): Promise<number>;
  close(): Promise<void>;
}

export interface OutboxEvents {
  /** This process publishes from now on. */
  publishingBegan(fields: { readonly position: number }): void;
  changesPublished(fields: { readonly changes: number; readonly position: number }): void;
  /** Everything was written anew: the topics were empty, or of another database. */
  republished(fields: { readonly entities: number; readonly removed: number }): void;
  publishingFailed(fields: { readonly error: unknown; readonly attempt: number }): void;
}

export interface OutboxPublisherParts {
  readonly database: Database;
  readonly outbox: Outbox;
  /** Takes the log over from whoever had it. */
  readonly openLog: (signal: AbortSignal) => Promise<ChangeLog>;
  readonly events: OutboxEvents;
  readonly clock: Clock;
}

const changesPerBatchMax = 500;
/** Notifications are a hint; without one it looks all the same. */
const lookMs = 1_000;
/** Who asks for what happened longer ago takes the state as it is. */
const keptHours = 24;
const forgetMs = 600_000;
const retryDelays = { delayMsMin: 100, delayMsMax: 5_000 };
const publisherLock = 0x6d696c70;

export class OutboxPublisher {
  readonly #parts: OutboxPublisherParts;
  readonly #outbox: Outbox;
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(parts: OutboxPublisherParts) {
    this.#parts = parts;
    this.#outbox = parts.outbox;
  }

  /** Publishes from now on, or as soon as no other process does. */
  start(): void {
    const { clock, events } = this.#parts;
    const onRetry = (error: unknown, attempt: number): void => events.publishingFailed({ error, attempt });
    const options = { ...retryDelays, clock, onRetry, retryable: () => true };
    this.#running = retrying((signal) => this.#publish(signal), options, this.#stopping.signal).catch(
      (error: unknown) => {
        if (!this.#stopping.signal.aborted) throw error;
      },
    );
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('The publisher stops.'));
    await this.#running;
  }

  async #publish(stopping: AbortSignal): Promise<void> {
    const { database, openLog, events, clock } = this.#parts;
    const leadership = await lead(database.url, { lock: publisherLock, channel: outboxChannel, clock }, stopping);
    const signal = AbortSignal.any([stopping, leadership.signal]);
    try {
      const log = await openLog(signal);
      try {
        const begin = await this.#beginning(log);
        events.publishingBegan({ position: Number(begin.position) });
        await this.#follow(log, begin, leadership, signal);
      } finally {
        await log.close();
      }
    } finally {
      await leadership.resign();
    }
  }

  /** Where to go on; writes everything anew when the log does not say, or speaks of another database. */
  async #beginning(log: ChangeLog): Promise<LogPosition> {
    const { epoch, last } = await this.#outbox.state();
    const found = log.position;
    if (found?.epoch === epoch && found.position <= last) return found;
    // A database that was brought back from a backup is behind its log: its next positions must not be known there already.
    const { before, known, entities } = await this.#outbox.appendAll(found?.epoch === epoch ? found.position : 0n);
    const position = { epoch, position: before };
    const removed = await log.retain((kind, tenant, id) => known.has(entityName(kind, tenant, id)), position);
    this.#parts.events.republished({ entities, removed });
    return position;
  }

  async #follow(log: ChangeLog, begin: LogPosition, leadership: Leadership, signal: AbortSignal): Promise<never> {
    const { events, clock } = this.#parts;
    let { position } = begin;
    const written = new Map<string, bigint>();
    let forgetAtMs = clock.monotonicMs();
    for (;;) {
      signal.throwIfAborted();
      const changes = await this.#outbox.behind(position, changesPerBatchMax);
      if (changes.length > 0) {
        for (const [topic, offset] of await log.append(changes, begin.epoch)) written.set(topic, offset);
        position = changes.at(-1)!.position;
        if (position >= (await this.#outbox.state()).republishUntil) await this.#announce(log, position, written);
        events.changesPublished({ changes: changes.length, position: Number(position) });
      } else await leadership.notified(lookMs);
      if (clock.monotonicMs() < forgetAtMs) continue;
      forgetAtMs = clock.monotonicMs() + forgetMs;
      await this.#outbox.forget(position, keptHours);
    }
  }

  /** A republication is told when it is whole: readers take it for all there is. */
  async #announce(log: ChangeLog, position: bigint, written: Map<string, bigint>): Promise<void> {
    await this.#outbox.published(position, written);
    await log.announce(written);
    written.clear();
  }
}
