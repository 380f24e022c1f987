/** The ledger as a topic: attempts are written here before and after each call, and read from here by every instance. */
import { type NotificationAttempt, topics } from '@millrace/contracts';
import {
  type AvroCodec,
  type Kafka,
  partitionOf,
  readTables,
  type RecordProducer,
  type Registry,
  type TableReader,
} from '@millrace/kafka';
import { OncePerSignal } from '@millrace/kernel';
import type { Ledger } from './ledger.ts';

const { name: topic, partitions } = topics.notificationAttempts;
const source = '/millrace/notifier';

export interface LedgerTopicParts {
  readonly kafka: Kafka;
  readonly registry: Registry;
  readonly producer: RecordProducer;
  readonly ledger: Ledger;
}

export class LedgerTopic {
  readonly #parts: LedgerTopicParts;
  readonly #codec: AvroCodec<NotificationAttempt>;
  readonly #reader: TableReader;
  readonly #caughtUp: OncePerSignal<void>;

  private constructor(parts: LedgerTopicParts, codec: AvroCodec<NotificationAttempt>, reader: TableReader) {
    this.#parts = parts;
    this.#codec = codec;
    this.#reader = reader;
    this.#caughtUp = new OncePerSignal((signal) => reader.caughtUp(topic, signal));
  }

  /** Resolves when the ledger was read to its end; it is followed until `close`. */
  static async open(parts: LedgerTopicParts, signal: AbortSignal): Promise<LedgerTopic> {
    const { kafka, registry, ledger } = parts;
    const codec = await registry.codec<NotificationAttempt>(topics.notificationAttempts, signal);
    const apply = (_key: string, attempt: NotificationAttempt | null): void => {
      if (attempt) ledger.apply(attempt);
    };
    const reader = await readTables(kafka, registry, [{ topic: topics.notificationAttempts, apply }], signal);
    return new LedgerTopic(parts, codec, reader);
  }

  /**
   * Resolves when everything is known that others wrote before this assignment began (named by its signal): a partition's
   * former owner may have delivered what is read again now.
   */
  caughtUp(assignment: AbortSignal): Promise<void> {
    return this.#caughtUp.of(assignment);
  }

  /** Resolves when the attempt is durable and known to this process. */
  async write(attempt: NotificationAttempt, signal: AbortSignal): Promise<void> {
    const key = attempt.eventId.toString('hex');
    const record = {
      topic,
      partition: partitionOf(key, partitions),
      key,
      value: this.#codec.encode(attempt),
      headers: {
        ce_specversion: '1.0',
        ce_id: [key, attempt.channelId, attempt.recipient, attempt.attempt, attempt.outcome].join('/'),
        ce_type: `io.millrace.notification.${attempt.outcome}`,
        ce_source: source,
        ce_time: new Date(attempt.timeMicros / 1_000).toISOString(),
        'content-type': 'application/avro',
      },
    };
    await this.#parts.producer.send([record], signal);
    this.#parts.ledger.apply(attempt);
  }

  close(): Promise<void> {
    return this.#reader.close();
  }
}
