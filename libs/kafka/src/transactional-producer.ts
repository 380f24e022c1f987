/**
 * Writes records and the offset of the input they were made of in one Kafka transaction. One id belongs to one input
 * partition (`millrace.<service>.<partition>`): connecting with it ends whatever a former owner has begun, and the former
 * owner's next transaction is refused.
 */
import { backoff } from '@millrace/kernel';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Producer, RecordMetadata, Transaction } from 'kafkajs';
import { isFence, protocolErrorOf, streamUnavailable } from './kafka-errors.ts';
import type { Kafka } from './kafka.ts';
import { compressionOf } from './compression.ts';
import type { OutgoingRecord } from './outgoing-record.ts';
import type { TopicPartition } from './partition-reader.ts';
import { Receipt } from './receipt.ts';
import { unendedTransactions } from './unended-transactions.ts';

/** Somebody else has taken over the transactional id: this process no longer owns the partition and must not go on with it. */
export class ProducerFenced extends Error {
  override readonly name = 'ProducerFenced';
}

/**
 * It is not known whether the transaction was committed, and this producer is of no more use. Make a new one, which
 * settles the question, read the checkpoint again, and go on from there.
 */
export class TransactionUndecided extends Error {
  override readonly name = 'TransactionUndecided';
}

export interface TransactionWork {
  readonly records: readonly OutgoingRecord[];
  /** The input that is done with this transaction: `offset` is the next one to read. */
  readonly offsets?: {
    readonly groupId: string;
    readonly topic: string;
    readonly partition: number;
    readonly offset: string;
  };
}

/** The markers of the last transaction are written for some milliseconds after its commit; the next one waits for them. */
const concurrencyDelays = { delayMsMin: 5, delayMsMax: 100 };
const concurrencyTriesMax = 50;

/** After a restart of Kafka the markers of a transaction that was committed before come within milliseconds. */
const markersMsMax = 1_000;
const lookAgainMs = 50;

/** A dead owner's open transaction keeps readers of committed records waiting for this long. */
const transactionMsMax = 10_000;

export class TransactionalProducer {
  readonly #kafka: Kafka;
  readonly #producer: Producer;
  #unusable: Error | undefined;

  constructor(kafka: Kafka, transactionalId: string) {
    this.#kafka = kafka;
    this.#producer = kafka.newClient().producer({
      transactionalId,
      idempotent: true,
      maxInFlightRequests: 1,
      transactionTimeout: transactionMsMax,
      allowAutoTopicCreation: false,
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition ?? -1,
      // Short at first: mostly it is the end of the transaction before that is waited for.
      retry: { initialRetryTime: 5, maxRetryTime: 500, retries: 8 },
    });
  }

  /**
   * Takes over the transactional id: fences former owners, ends their open transaction. Throws `stream_unavailable`.
   *
   * `ownTopics`: what nobody else writes to in transactions. A Kafka that is killed just after a commit, and whose partitions change their
   * leader again while it starts, may never write the markers of that transaction (seen with 4.3.0): its records are hidden until the next
   * transaction of this id ends, and come to light with it. Here they are aborted. Gives the topics in which there were some.
   */
  async connect(ownTopics: readonly string[] = []): Promise<readonly string[]> {
    try {
      await this.#producer.connect();
      const transaction = await this.#producer.transaction();
      await transaction.abort();
      const forgotten = await this.#forgotten(ownTopics);
      if (forgotten.length > 0) await this.#abortIn(forgotten);
      return forgotten.map(({ topic }) => topic);
    } catch (error) {
      throw streamUnavailable('Kafka did not hand over the transactional id.', error);
    }
  }

  /**
   * Resolves with where the records stand when all of it is committed. Throws `stream_unavailable` when nothing of it was (it may be tried again),
   * `ProducerFenced` when another owner has come, `TransactionUndecided` when it may or may not have been committed.
   */
  async transaction({ records, offsets }: TransactionWork): Promise<Receipt> {
    if (this.#unusable) throw this.#unusable;
    const transaction = await this.#begin();
    let results: readonly RecordMetadata[] = [];
    try {
      if (records.length > 0) results = await afterLastOne(() => this.#send(transaction, records));
      if (offsets) await afterLastOne(() => sendOffsets(transaction, offsets));
    } catch (error) {
      throw await this.#abort(transaction, error);
    }
    try {
      await transaction.commit();
    } catch (error) {
      throw (this.#unusable =
        this.#fenced(error) ?? new TransactionUndecided('The commit got no answer.', { cause: error }));
    }
    return new Receipt(results, () => records);
  }

  close(): Promise<void> {
    return this.#producer.disconnect();
  }

  /** Transactions that have no owner any more, and still have not ended after markers had time to be written. */
  async #forgotten(topics: readonly string[]): Promise<readonly TopicPartition[]> {
    let found: readonly TopicPartition[] = [];
    if (topics.length === 0) return found;
    for (const untilMs = performance.now() + markersMsMax; performance.now() < untilMs; await sleep(lookAgainMs)) {
      found = await unendedTransactions(this.#kafka, topics);
      if (found.length === 0) return found;
    }
    return found;
  }

  /** The markers of a transaction end whatever its producer has begun in a partition. */
  async #abortIn(partitions: readonly TopicPartition[]): Promise<void> {
    const transaction = await this.#begin();
    const key = 'never committed';
    const records = partitions.map(({ topic, partition }) => ({ topic, partition, key, value: null }));
    await afterLastOne(() => this.#send(transaction, records));
    await transaction.abort();
  }

  async #begin(): Promise<Transaction> {
    try {
      return await this.#producer.transaction();
    } catch (error) {
      throw this.#fenced(error) ?? streamUnavailable('Kafka did not begin a transaction.', error);
    }
  }

  async #send(transaction: Transaction, records: readonly OutgoingRecord[]): Promise<readonly RecordMetadata[]> {
    const topics = Map.groupBy(records, ({ topic }) => topic);
    const bytes = records.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
    return transaction.sendBatch({
      acks: -1,
      compression: compressionOf(bytes, topics.size),
      topicMessages: [...topics].map(([topic, messages]) => ({ topic, messages })),
    });
  }

  /** What the caller is told after a failure before the commit. */
  async #abort(transaction: Transaction, error: unknown): Promise<Error> {
    const fenced = this.#fenced(error);
    if (fenced) return fenced;
    try {
      await transaction.abort();
      return streamUnavailable('The transaction was aborted.', error);
    } catch (abortError) {
      const undecided = new TransactionUndecided('The transaction could not be aborted.', { cause: error });
      return (this.#unusable = this.#fenced(abortError) ?? undecided);
    }
  }

  #fenced(error: unknown): ProducerFenced | undefined {
    if (!isFence(error)) return undefined;
    const fenced = new ProducerFenced('Another owner has taken over the transactional id.', { cause: error });
    this.#unusable = fenced;
    return fenced;
  }
}

async function sendOffsets(transaction: Transaction, offsets: NonNullable<TransactionWork['offsets']>): Promise<void> {
  const { groupId, topic, partition, offset } = offsets;
  await transaction.sendOffsets({ consumerGroupId: groupId, topics: [{ topic, partitions: [{ partition, offset }] }] });
}

/** Repeats while the broker is still ending the transaction before this one. */
async function afterLastOne<T>(action: () => Promise<T>): Promise<T> {
  const delays = backoff(concurrencyDelays);
  for (let tries = 1; ; tries += 1) {
    try {
      return await action();
    } catch (error) {
      if (protocolErrorOf(error) !== 'CONCURRENT_TRANSACTIONS' || tries >= concurrencyTriesMax) throw error;
      await sleep(delays.next());
    }
  }
}
