/** Puts what can never be processed aside, byte for byte, with what a person needs to find out why and to send it again. */
import { deadLetterTopicOf, type ErrorCode } from '@millrace/contracts';
import type { OutgoingRecord } from './outgoing-record.ts';
import { bytesOf } from './produce-queue.ts';
import { deadLetterBytesMax } from './record-limits.ts';
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
  /** Version of the tenant's script that the message met: `decode@2`; undefined: none had a part in it. */
  readonly script?: string | undefined;
  /** How often it was tried. */
  readonly attempt: number;
  /** When it was given up, UTC milliseconds. */
  readonly timestampMs: number;
}

/** A header is for reading, not for stack traces. */
const messageCharsMax = 500;

/** A key names a device or an entity; a longer one is a stranger's, and must leave room for the value. */
const keyBytesMax = 64 * 1024;

/** The header that tells of a cut, and headers' characters beyond ASCII, which `bytesOf` counts as one byte. */
const sparedBytes = 4 * 1024;

export class DeadLetterWriter {
  readonly #producer: RecordProducer;

  constructor(producer: RecordProducer) {
    this.#producer = producer;
  }

  /**
   * Resolves when all letters are durable in `<topic>.dlq`; only then the originals may be settled. A letter always fits:
   * what compression had let into the stream although it is larger is cut, and `errors.valueBytes` says how long it was.
   */
  async write(letters: readonly DeadLetter[], signal: AbortSignal): Promise<void> {
    await this.#producer.send(letters.map(recordOf), signal);
  }
}

function recordOf(letter: DeadLetter): OutgoingRecord {
  const { topic, partition, offset, index, key, value, code, message, stage, script, attempt, timestampMs } = letter;
  return fitting({
    topic: deadLetterTopicOf(topic),
    partition,
    key: key !== null && Buffer.byteLength(key) > keyBytesMax ? Buffer.from(key).subarray(0, keyBytesMax) : key,
    value,
    headers: {
      'errors.code': code,
      'errors.stage': stage,
      'errors.message': message.slice(0, messageCharsMax),
      ...(script !== undefined && { 'errors.script': script }),
      'errors.topic': topic,
      'errors.partition': String(partition),
      'errors.offset': String(offset),
      ...(index !== null && { 'errors.index': String(index) }),
      'errors.attempt': String(attempt),
      'errors.timestamp': new Date(timestampMs).toISOString(),
    },
  });
}

function fitting(record: OutgoingRecord): OutgoingRecord {
  const { value, headers } = record;
  const valueBytesMax = deadLetterBytesMax - sparedBytes - bytesOf({ ...record, value: null });
  if (value === null || value.length <= valueBytesMax) return record;
  return {
    ...record,
    value: value.subarray(0, valueBytesMax),
    headers: { ...headers, 'errors.valueBytes': String(value.length) },
  };
}
