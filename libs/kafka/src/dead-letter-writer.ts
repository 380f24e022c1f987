/** Puts what can never be processed aside, byte for byte, with what a person needs to find out why and to send it again. */
import { deadLetterTopicOf, type ErrorCode } from '@millrace/contracts';
import type { OutgoingRecord } from './outgoing-record.ts';
import type { RecordProducer } from './record-producer.ts';

export interface DeadLetter {
  /** Where the record was read. */
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint | string;
  /** Index of the message in a record that has several; null: the whole record. */
  readonly index: number | null;
  readonly key: string | Buffer | null;
  /** The record's bytes untouched, or a raw record with the one message. */
  readonly value: Buffer | null;
  readonly code: ErrorCode;
  /** One sentence; no payload in it. */
  readonly message: string;
  /** The service and the step that gave up: `parser.script`. */
  readonly stage: string;
  /** How often it was tried. */
  readonly attempt: number;
  /** When it was given up, UTC milliseconds. */
  readonly timestampMs: number;
}

/** A header is for reading, not for stack traces. */
const messageCharsMax = 500;

export class DeadLetterWriter {
  readonly #producer: RecordProducer;

  constructor(producer: RecordProducer) {
    this.#producer = producer;
  }

  /** Resolves when all letters are durable in `<topic>.dlq`; only then the originals may be settled. */
  async write(letters: readonly DeadLetter[], signal: AbortSignal): Promise<void> {
    await this.#producer.send(letters.map(recordOf), signal);
  }
}

function recordOf(letter: DeadLetter): OutgoingRecord {
  const { topic, partition, offset, index, key, value, code, message, stage, attempt, timestampMs } = letter;
  return {
    topic: deadLetterTopicOf(topic),
    partition,
    key,
    value,
    headers: {
      'errors.code': code,
      'errors.stage': stage,
      'errors.message': message.slice(0, messageCharsMax),
      'errors.topic': topic,
      'errors.partition': String(partition),
      'errors.offset': String(offset),
      ...(index !== null && { 'errors.index': String(index) }),
      'errors.attempt': String(attempt),
      'errors.timestamp': new Date(timestampMs).toISOString(),
    },
  };
}
