/**
 * Writes received messages into the raw topic: the one way from a protocol into the stream. Messages of many calls travel
 * together; while one produce request is in flight the next batch fills. What it holds is bounded, and beyond the bound
 * it refuses, so that the pressure goes back to the device.
 */
import { asMillraceError, type ErrorCode, type MessageSink, MillraceError } from '@millrace/contracts';
import { type RawBatch, type ReceivedMessage, type Topic, topics } from '@millrace/contracts';
import { type AvroCodec, type OutgoingRecord, recordBytesMax } from '@millrace/kafka';
import { Batcher, type Clock, systemClock } from '@millrace/kernel';
import { type PartitionBatch, partitionBatchesOf } from './partition-batches.ts';
import { type Accepted, accept } from './raw-message.ts';

/** Encoding this much holds the event loop for some milliseconds; more in one write would delay every receipt. */
const writeBytesMax = 2 * 1024 * 1024;
/** A record holds at least one message and the batch's own fields, which are far below this. */
const messageBytesMax = recordBytesMax - 8 * 1024;

/** Makes records durable, in the order of the calls; the `RecordProducer` of @millrace/kafka is one. */
export interface DurableRecords {
  /** Resolves when all are durable; repeats by itself what is undecided, until the signal. */
  send(records: readonly OutgoingRecord[], signal: AbortSignal): Promise<unknown>;
}

/** What became of the messages of this hop; a `Hop` of @millrace/observe is one. */
export interface IngestAccounting {
  in(messages: number): void;
  out(messages: number): void;
  rejected(code: ErrorCode, messages: number): void;
}

/** Whether a tenant may hand over messages now; a `MessageGate` of @millrace/quotas is one. Asked once per call, so from memory. */
export interface Admission {
  /** Counts them, or throws why none is taken, such as `quota_exceeded`. */
  admit(tenant: string, messages: number): void;
  /** They were admitted, and nothing came of it. */
  giveBack(tenant: string, messages: number): void;
}

export interface RawWriterOptions {
  readonly producer: DurableRecords;
  readonly admission: Admission;
  readonly codec: Pick<AvroCodec<RawBatch>, 'encode'>;
  /** Default: nobody counts here, because whoever calls `accept` counts what it takes and refuses. */
  readonly accounting?: IngestAccounting;
  /** Service instance. */
  readonly ingestor: string;
  /** `http`, `mqtt`, … */
  readonly protocol: string;
  /** The client manager's connection and the offset of its owner's claim; null and -1 from a gateway. */
  readonly connectionId: string | null;
  readonly epoch: number;
  /** How long the first message of a batch waits for company; 5–10 ms keep the latency low and the batches large. */
  readonly lingerMs: number;
  /** Messages taken and not yet durable; beyond it `accept` rejects with `overloaded`. */
  readonly messagesInFlightMax: number;
  /** The same in bytes: messages differ a thousandfold in size, and this bounds the memory. */
  readonly bytesInFlightMax: number;
  readonly clock?: Clock;
  /** Default: the raw topic of the catalogue. */
  readonly topic?: Pick<Topic, 'name' | 'partitions'>;
}

/** A call whose messages are on their way. */
interface Offered {
  readonly accepted: Accepted;
  readonly written: Promise<void>;
}

export class RawWriter implements MessageSink {
  readonly #options: RawWriterOptions;
  readonly #topic: Pick<Topic, 'name' | 'partitions'>;
  readonly #clock: Clock;
  readonly #batcher: Batcher<Accepted>;
  #messagesInFlight = 0;

  constructor(options: RawWriterOptions) {
    const { lingerMs, bytesInFlightMax, clock = systemClock, topic = topics.raw } = options;
    this.#options = options;
    this.#topic = topic;
    this.#clock = clock;
    this.#batcher = new Batcher<Accepted>({
      write: (accepted, signal) => this.#write(accepted, signal),
      weightMax: writeBytesMax,
      waitingWeightMax: bytesInFlightMax,
      lingerMs,
      clock,
    });
  }

  /** Messages taken and neither durable nor refused: what the accounting calls in flight. */
  get messagesInFlight(): number {
    return this.#messagesInFlight;
  }

  /**
   * See `MessageSink`. Calls are written in their order, and so are the messages of a call. Rejects, without having taken
   * any, with `overloaded`, `body_too_large` for a message that no record can hold, what the admission says (`quota_exceeded`),
   * and `not_ready` after `close`; rejects with what the producer threw when writing failed, and then some may be durable all the same.
   */
  accept(messages: readonly ReceivedMessage[]): Promise<readonly Uint8Array[]> {
    // A record without messages would be a fence.
    if (messages.length === 0) return Promise.resolve([]);
    this.#options.accounting?.in(messages.length);
    try {
      return this.#take(messages);
    } catch (error) {
      this.#options.accounting?.rejected(asMillraceError(error).code, messages.length);
      return Promise.reject(error as MillraceError);
    }
  }

  /** Takes no more and waits for what is in flight. When the signal is aborted, what is not durable yet is refused. */
  close(signal?: AbortSignal): Promise<void> {
    return this.#batcher.close(signal);
  }

  /** Throws when it takes none of them. */
  #take(messages: readonly ReceivedMessage[]): Promise<readonly Uint8Array[]> {
    const { accounting, admission, messagesInFlightMax } = this.#options;
    const { tenant } = messages[0]!;
    const count = messages.length;
    if (this.#messagesInFlight > 0 && this.#messagesInFlight + count > messagesInFlightMax) throw overloaded();
    admission.admit(tenant, count);
    let offered: Offered;
    try {
      offered = this.#offer(messages);
    } catch (error) {
      admission.giveBack(tenant, count);
      throw error;
    }
    const { accepted, written } = offered;
    this.#messagesInFlight += count;
    return written.then(
      () => {
        this.#messagesInFlight -= count;
        accounting?.out(count);
        return accepted.messages.map(({ messageId }) => messageId);
      },
      (error: unknown) => {
        this.#messagesInFlight -= count;
        accounting?.rejected(asMillraceError(error).code, count);
        throw error;
      },
    );
  }

  #offer(messages: readonly ReceivedMessage[]): Offered {
    const accepted = accept(messages, this.#clock.nowMs() * 1_000);
    if (accepted.bytesLargest > messageBytesMax)
      throw new MillraceError('body_too_large', `A message may have ${messageBytesMax} bytes with its attributes.`);
    const written = this.#batcher.offer(accepted, accepted.bytesTotal);
    if (!written) throw overloaded();
    return { accepted, written };
  }

  async #write(accepted: readonly Accepted[], signal: AbortSignal): Promise<void> {
    const batches = partitionBatchesOf(accepted, this.#topic.partitions);
    await this.#options.producer.send(
      batches.map((batch) => this.#record(batch)),
      signal,
    );
  }

  #record({ partition, messages }: PartitionBatch): OutgoingRecord {
    const { codec, ingestor, protocol, connectionId, epoch } = this.#options;
    const value = codec.encode({ ingestor, protocol, connectionId, epoch, messages });
    return { topic: this.#topic.name, partition, key: null, value };
  }
}

function overloaded(): MillraceError {
  return new MillraceError('overloaded', 'Too many messages are in flight; send again after a second.');
}
