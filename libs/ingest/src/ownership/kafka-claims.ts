/** The claims as Kafka keeps them. */
import { type ConnectionClaim, MillraceError, topics } from '@millrace/contracts';
import { type Kafka, type OutgoingRecord, readTables, type RecordProducer, type Registry } from '@millrace/kafka';
import type { TableReader } from '@millrace/kafka';
import type { ClaimRecord, ClaimTopic } from './claim-log.ts';

const { name: topic } = topics.connectionClaims;

export type OnClaim = (key: string, record: ConnectionClaim | null, offset: number) => void;

/** Resolves when the topic was read to its end, and goes on until the reader is closed. An empty topic is read at once. */
export function followClaims(
  kafka: Kafka,
  registry: Registry,
  read: OnClaim,
  signal: AbortSignal,
): Promise<TableReader> {
  const apply = (key: string, record: ConnectionClaim | null, offset: bigint): void =>
    read(key, record, Number(offset));
  return readTables(kafka, registry, [{ topic: topics.connectionClaims, apply }], signal);
}

export interface KafkaClaimsParts {
  readonly kafka: Kafka;
  readonly registry: Registry;
  /** What one turn of the event loop sends travels in one request. */
  readonly producer: Pick<RecordProducer, 'send'>;
}

export class KafkaClaims implements ClaimTopic {
  readonly #parts: KafkaClaimsParts;

  constructor(parts: KafkaClaimsParts) {
    this.#parts = parts;
  }

  follow(read: OnClaim, signal: AbortSignal): Promise<TableReader> {
    const { kafka, registry } = this.#parts;
    return followClaims(kafka, registry, read, signal);
  }

  async write(claims: readonly ClaimRecord[], signal: AbortSignal): Promise<readonly number[]> {
    const { registry, producer } = this.#parts;
    const codec = await registry.codec<ConnectionClaim>(topics.connectionClaims, signal);
    const records = claims.map(([key, claim]): OutgoingRecord => ({
      topic,
      partition: 0,
      key,
      value: claim && codec.encode(claim),
    }));
    const receipt = await producer.send(records, signal);
    return records.map((record) => offsetIn(receipt, record));
  }
}

/** Throws `internal` when the broker did not say it. */
export function offsetIn(
  receipt: { offsetOf(record: OutgoingRecord): bigint | undefined },
  record: OutgoingRecord,
): number {
  const offset = receipt.offsetOf(record);
  if (offset === undefined)
    throw new MillraceError('internal', `Kafka did not say where a record of ${record.topic} is.`);
  return Number(offset);
}
