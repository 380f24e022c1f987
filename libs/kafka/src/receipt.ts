/** Where records came to stand. */
import type { RecordMetadata } from 'kafkajs';
import type { OutgoingRecord } from './outgoing-record.ts';

/** The broker's answer to a produce request; several sends may share it. */
export class Receipt {
  readonly #results: readonly RecordMetadata[];
  readonly #records: () => readonly OutgoingRecord[];
  readonly #before: Receipt | undefined;
  #offsets: ReadonlyMap<OutgoingRecord, bigint> | undefined;

  /** `records`: all of the request, in order. `before`: of the requests that carried the first records of the send. */
  constructor(results: readonly RecordMetadata[], records: () => readonly OutgoingRecord[], before?: Receipt) {
    this.#results = results;
    this.#records = records;
    this.#before = before;
  }

  /** The receipt of a send whose first records travelled in earlier requests. */
  after(before: Receipt): Receipt {
    return new Receipt(this.#results, this.#records, before);
  }

  /**
   * The offset of the last record that the request wrote into the partition: at or after the last one of the send.
   * Undefined: the request wrote nothing there.
   */
  lastOffset(topic: string, partition: number): bigint | undefined {
    const base = this.#baseOffset(topic, partition);
    const written = this.#records().filter((one) => one.topic === topic && one.partition === partition);
    return base === undefined ? undefined : base + BigInt(written.length - 1);
  }

  /** The offset of a record of the send, which is that very object. Undefined: the broker did not say it. */
  offsetOf(record: OutgoingRecord): bigint | undefined {
    this.#offsets ??= this.#allOffsets();
    return this.#offsets.get(record) ?? this.#before?.offsetOf(record);
  }

  #allOffsets(): ReadonlyMap<OutgoingRecord, bigint> {
    const offsets = new Map<OutgoingRecord, bigint>();
    for (const written of Map.groupBy(this.#records(), ({ topic, partition }) => `${topic}/${partition}`).values()) {
      const base = this.#baseOffset(written[0]!.topic, written[0]!.partition);
      if (base === undefined) continue;
      for (const [place, record] of written.entries()) offsets.set(record, base + BigInt(place));
    }
    return offsets;
  }

  #baseOffset(topic: string, partition: number): bigint | undefined {
    const result = this.#results.find((one) => one.topicName === topic && one.partition === partition);
    return result?.baseOffset === undefined ? undefined : BigInt(result.baseOffset);
  }
}
