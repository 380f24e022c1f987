/** Fences: empty raw records that divide each raw partition into what came before an owner of a connection, and after. */
import { type RawBatch, type Topic, topics } from '@millrace/contracts';
import type { AvroCodec, OutgoingRecord, RecordProducer } from '@millrace/kafka';
import { offsetIn } from './kafka-claims.ts';

export interface FencesParts {
  /** What one turn of the event loop sends travels in one request: fences of many connections cost what those of one do. */
  readonly producer: Pick<RecordProducer, 'send'>;
  readonly codec: Pick<AvroCodec<RawBatch>, 'encode'>;
  /** Default: the raw topic of the catalogue. */
  readonly topic?: Pick<Topic, 'name' | 'partitions'>;
}

export class Fences {
  readonly #parts: FencesParts;

  constructor(parts: FencesParts) {
    this.#parts = parts;
  }

  /**
   * Writes a fence of this owner into every raw partition; resolves with their offsets, by partition, when all are durable. Only
   * for an owner whose lease was valid after its claim: then whatever comes to lie behind a fence under a lower epoch was never
   * acknowledged. `origin`: that of the owner's raw records.
   */
  async write(origin: Omit<RawBatch, 'messages'>, signal: AbortSignal): Promise<readonly number[]> {
    const { producer, codec, topic = topics.raw } = this.#parts;
    const value = codec.encode({ ...origin, messages: [] });
    const records = Array.from({ length: topic.partitions }, (_, partition): OutgoingRecord => ({
      topic: topic.name,
      partition,
      key: null,
      value,
    }));
    const receipt = await producer.send(records, signal);
    return records.map((record) => offsetIn(receipt, record));
  }
}
