/**
 * Writes records durably and in order. One produce request is in flight; what is sent meanwhile becomes the next one. An
 * error that leaves open whether the records arrived is answered by sending the same request again, until it is known:
 * with the idempotent producer the broker drops what it already has.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { MillraceError } from '@millrace/contracts';
import { backoff } from '@millrace/kernel';
import type { Producer } from 'kafkajs';
import { isRefusal, protocolErrorOf, reasonOf, streamUnavailable } from './kafka-errors.ts';
import type { Kafka } from './kafka.ts';
import type { OutgoingRecord } from './outgoing-record.ts';
import { bytesOf, ProduceQueue, type ProduceRequest } from './produce-queue.ts';
import { compressionOf } from './compression.ts';
import { Receipt } from './receipt.ts';
import { recordBytesMax, recordBytesMaxOf } from './record-limits.ts';
import { Send } from './send.ts';

const limits = { partitionBytesMax: recordBytesMax, requestBytesMax: 8 * 1024 * 1024 };

/** A broker that restarts is back in seconds; asking it more often does not help it. */
const retryDelays = { delayMsMin: 50, delayMsMax: 2_000 };

/** How long the broker may wait for its replicas before it calls the outcome unknown. */
const replicationMsMax = 5_000;

/** What closing waits for: more would outlast the time that an orchestrator gives a process. */
const closeMsMax = 5_000;

export interface RecordProducerOptions {
  /** Called before each repetition of a request. */
  readonly onRetry?: (error: unknown, attempt: number) => void;
}

export class RecordProducer {
  readonly #kafka: Kafka;
  readonly #onRetry: (error: unknown, attempt: number) => void;
  readonly #queue = new ProduceQueue(limits);
  readonly #closing = new AbortController();
  #producer: Producer;
  #working: Promise<void> | undefined;
  #inFlight: ProduceRequest | undefined;
  #connected: Promise<void> | undefined;

  constructor(kafka: Kafka, options: RecordProducerOptions = {}) {
    this.#kafka = kafka;
    this.#onRetry = options.onRetry ?? ((error, attempt) => this.#notifyRetry(error, attempt));
    this.#producer = newProducer(kafka);
  }

  /** Records that Kafka has not confirmed yet, those in flight included. */
  get waitingRecords(): number {
    const inFlight = this.#inFlight?.topicMessages ?? [];
    return inFlight.reduce((sum, { messages }) => sum + messages.length, this.#queue.waitingRecords);
  }

  /** Resolves when Kafka answered; repeats until the signal. `send` connects by itself, so this only serves readiness. */
  async connect(signal?: AbortSignal): Promise<void> {
    const delays = backoff(retryDelays);
    for (let attempt = 1; ; attempt += 1) {
      signal?.throwIfAborted();
      try {
        await this.#connect();
        return;
      } catch (error) {
        this.#onRetry(error, attempt);
        await sleep(delays.next(), undefined, { ...(signal && { signal }) });
      }
    }
  }

  /**
   * Resolves when all records are durable (acks=all), in the order of the calls within each partition. Repeats what is
   * undecided until `signal`; then it rejects with the signal's reason, and what was in flight may still arrive.
   * Throws `body_too_large` at once for a record over `recordBytesMaxOf` its topic; `stream_unavailable` when Kafka refuses the
   * request or the producer was closed.
   */
  send(records: readonly OutgoingRecord[], signal?: AbortSignal): Promise<Receipt> {
    const refusal = this.#refusalOf(records, signal);
    if (refusal) return Promise.reject(refusal);
    if (records.length === 0) return Promise.resolve(new Receipt([], () => []));
    const send = new Send(records, signal, () => this.#queue.remove(send));
    this.#queue.push(send);
    this.#working ??= this.#work();
    return send.promise;
  }

  /** Sends what waits, at most for some seconds, then rejects the rest and disconnects. */
  async close(): Promise<void> {
    const late = new AbortController();
    const limit = sleep(closeMsMax, undefined, { signal: late.signal }).catch(() => undefined);
    await Promise.race([this.#working, limit]);
    late.abort();
    const reason = streamUnavailable('The producer was closed.');
    this.#closing.abort(reason);
    for (const send of [...(this.#inFlight?.sends ?? []), ...this.#queue.drain()]) send.reject(reason);
    await this.#producer.disconnect();
  }

  async #work(): Promise<void> {
    // What the same turn of the event loop sends travels together.
    await new Promise((resolve) => setImmediate(resolve));
    while ((this.#inFlight = this.#queue.take())) await this.#deliver(this.#inFlight);
    this.#working = undefined;
  }

  /** Repeats one request until it is known to be durable, refused, or wanted by nobody. */
  async #deliver(request: ProduceRequest): Promise<void> {
    const delays = backoff(retryDelays);
    for (let attempt = 1; request.sends.some((send) => send.wanted); attempt += 1) {
      try {
        const receipt = await this.#produce(request);
        for (const send of request.sends) send.durable(receipt);
        return;
      } catch (error) {
        if (isRefusal(error)) return this.#reject(request, streamUnavailable('Kafka refused the records.', error));
        this.#onRetry(error, attempt);
        await this.#recover(error);
        await sleep(delays.next(), undefined, { signal: this.#closing.signal }).catch(() => undefined);
      }
    }
  }

  async #produce({ topicMessages, partitions, bytes }: ProduceRequest): Promise<Receipt> {
    await this.#connect();
    const results = await this.#producer.sendBatch({
      acks: -1,
      timeout: replicationMsMax,
      compression: compressionOf(bytes, partitions),
      topicMessages: topicMessages.map(({ topic, messages }) => ({ topic, messages })),
    });
    // Trusting an answer that lacks a partition would lose its records without a word.
    if (results.length !== partitions)
      throw new Error(`Kafka answered for ${results.length} of ${partitions} partitions.`);
    return new Receipt(results, () => topicMessages.flatMap(({ messages }) => messages));
  }

  #connect(): Promise<void> {
    this.#connected ??= this.#producer.connect().catch((error: unknown) => {
      this.#connected = undefined;
      throw error;
    });
    return this.#connected;
  }

  /** After a lost sequence kafkajs' idempotent producer fails for ever: a new one gets a new identity from the broker. */
  async #recover(error: unknown): Promise<void> {
    if (!lostSequences.has(protocolErrorOf(error) ?? '')) return;
    const broken = this.#producer;
    this.#producer = newProducer(this.#kafka);
    this.#connected = undefined;
    await broken.disconnect().catch(() => undefined);
  }

  #reject(request: ProduceRequest, reason: unknown): void {
    for (const send of request.sends) {
      this.#queue.remove(send);
      send.reject(reason);
    }
  }

  #refusalOf(records: readonly OutgoingRecord[], signal: AbortSignal | undefined): unknown {
    if (signal?.aborted) return signal.reason;
    if (this.#closing.signal.aborted) return this.#closing.signal.reason;
    const large = records.find((record) => bytesOf(record) > recordBytesMaxOf(record.topic))?.topic;
    if (large === undefined) return undefined;
    return new MillraceError('body_too_large', `A record for ${large} is over ${recordBytesMaxOf(large)} bytes.`);
  }

  #notifyRetry(error: unknown, attempt: number): void {
    const fields = { attempt, reason: reasonOf(error) };
    this.#kafka.notify({ level: 'warn', sentence: 'A produce request failed and is repeated.', fields });
  }
}

const lostSequences = new Set(['OUT_OF_ORDER_SEQUENCE_NUMBER', 'UNKNOWN_PRODUCER_ID', 'INVALID_PRODUCER_EPOCH']);

function newProducer(kafka: Kafka): Producer {
  return kafka.newClient().producer({
    idempotent: true,
    allowAutoTopicCreation: false,
    createPartitioner:
      () =>
      ({ message }) =>
        message.partition ?? -1,
    // The least that kafkajs allows an idempotent producer; more is repeated above, where the signal is heard.
    retry: { retries: 1 },
  });
}
